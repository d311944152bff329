//! AWS, seen through roles that other accounts lend: sessions, pages of what is there, and a bucket for files.
//!
//! It reads and hands over; it stores nothing and decides nothing. Only [`Session::act`] changes an account.
//! It is the only crate that names the SDK, and everything it returns is a plain struct of `domain`.
//!
//! Invariants: every call has a timeout, every call but those to the product's own bucket waits its turn in the
//! bucket of its (account, region, operation), and every loop over pages ends.

mod access;
mod billing;
mod bucket;
mod connect;
mod error;
mod events;
mod operations;
mod pacing;
mod paging;
mod prices;
mod session;
mod tags;
mod usage;
mod workspaces;

pub use crate::{
    access::check_access,
    billing::{COST_EXPLORER_REGION, CostDays, CostList, ResourceCosts, TagActivation},
    bucket::{Bucket, BucketConfig, FileHead, FileReader},
    connect::{Cloud, CloudConfig},
    error::{Api, CloudError},
    events::Events,
    operations::Failure,
    paging::{Listing, Page, Pages},
    prices::PRICE_LIST_REGION,
    session::{CallerIdentity, Session, Target},
    tags::DesktopTags,
    usage::{UsageBatch, desktops_per_call},
    workspaces::{Bundles, ConnectionBatch, Desktops, Directories, IDS_PER_CALL},
};
