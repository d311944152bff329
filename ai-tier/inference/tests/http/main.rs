//! The tier as its callers see it: over HTTP, with a real model behind it.

#[cfg(test)]
mod adapter;
#[cfg(test)]
mod kept;
#[cfg(test)]
mod readings;
#[cfg(test)]
mod small_model;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tiny_model;
