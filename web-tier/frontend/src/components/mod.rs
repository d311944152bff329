//! Parts that several pages are made of.

pub mod copy;
pub mod data_age;
pub mod dialog;
pub mod export;
pub mod field;
pub mod filter_box;
pub mod flashbar;
pub mod form;
pub mod frame;
pub mod header;
pub mod icon;
pub mod link;
pub mod list;
pub mod loaded;
pub mod menu;
pub mod more;
pub mod navigation;
pub mod pager;
pub mod palette;
pub mod schedules_link;
pub mod segments;
pub mod status;
pub mod sync;
pub mod table;
pub mod time;
