//! What faults do to the whole house.
