//! Icons, drawn on a 16 × 16 grid with one stroke width. They stand beside words and are silent for screen readers.

use yew::prelude::*;

#[derive(Debug, Properties, PartialEq)]
pub struct IconProps {
    pub name: &'static str,
    #[prop_or_default]
    pub class: Classes,
}

/// An icon by its name; an unknown name draws nothing.
#[component]
pub fn Icon(props: &IconProps) -> Html {
    html! {
        <svg class={classes!("icon", props.class.clone())} viewBox="0 0 16 16" width="16" height="16" fill="none"
            stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round"
            aria-hidden="true" focusable="false">
            <path d={path(props.name)} />
        </svg>
    }
}

fn path(name: &str) -> &'static str {
    match name {
        "overview" => "M2.5 2.5h4.5v6H2.5zM9 2.5h4.5v3.5H9zM9 8.5h4.5v5H9zM2.5 11h4.5v2.5H2.5z",
        "ask" => "M8 1.8l1.5 4.2 4.2 1.5-4.2 1.5L8 13.2 6.5 9 2.3 7.5 6.5 6zM13 11.2v3M11.5 12.7h3",
        "desktops" => "M2 3h12v8H2zM6 14h4M8 11v3",
        "savings" => {
            "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM9.800 6.200c-.3-.6-1-.9-1.800-.9-1.100 0-1.900.5-1.900 1.300 0 1.900 3.800.9 3.800 2.800 0 .8-.8 1.300-1.900 1.300-.9 0-1.600-.3-1.900-.9M8 4.300v1M8 10.700v1"
        }
        "costs" => "M2 4h12v8H2zM8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM4 6.500v.1M12 9.500v.1",
        "events" => "M2.5 3.500h11v9h-11zM2.500 6.300h11M5 2v2.500M11 2v2.500M5 9.500h2.500M9.500 9.500H11",
        "changes" => "M2.5 8h2.6l1.8-5 2.8 10 1.8-5h2",
        "operations" => "M9 1.800L3.500 9H8l-1 5.200L12.500 7H8z",
        "play" => "M4.500 2.800v10.400L13 8z",
        "accounts" => "M4.6 12.5h6.8a2.8 2.8 0 0 0 .4-5.6 4 4 0 0 0-7.7-.6 3.1 3.1 0 0 0 .5 6.2z",
        "reports" => "M4 1.8h5.5L12.5 5v9.2H4zM9.3 2v3.3h3M6.3 8.3h4M6.3 11h4",
        "admin" => "M2 4.5h5M10.5 4.5H14M2 11.5h3M8.5 11.5H14M8.8 2.9v3.2M6.8 9.9v3.2",
        "search" => "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM10.6 10.6L14 14",
        "menu" => "M2.5 4h11M2.5 8h11M2.5 12h11",
        "collapse" => "M2.5 2.5h11v11h-11zM6 2.5v11M11 6.2L9.2 8l1.8 1.8",
        "expand" => "M2.5 2.5h11v11h-11zM6 2.5v11M9.2 6.2L11 8 9.2 9.8",
        "close" => "M4 4l8 8M12 4l-8 8",
        "check" => "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM5.4 8.1l1.8 1.8 3.4-3.7",
        "alert" => "M8 2.2l6.3 11.3H1.7zM8 6.5v3.2M8 11.6v.1",
        "denied" => "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM3.8 3.8l8.4 8.4",
        "clock" => "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 4.8V8l2.2 1.6",
        "stop" => "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM6.2 6.2h3.6v3.6H6.2z",
        "circle" => "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12z",
        "info" => "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 7.4v3.4M8 5.1v.1",
        "sync" => {
            "M13.5 8a5.5 5.5 0 0 1-9.7 3.5M2.5 8a5.5 5.5 0 0 1 9.7-3.5M12.6 1.8v2.9H9.7M3.4 14.2v-2.9h2.9"
        }
        "download" => "M8 2v8M4.8 7L8 10.2 11.2 7M2.5 13.5h11",
        "copy" => "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
        "plus" => "M8 3v10M3 8h10",
        "edit" => "M10.5 3l2.5 2.5-7.3 7.3-3.2.7.7-3.2z",
        "delete" => "M2.8 4.2h10.4M6 4V2.4h4V4M4.2 4.2l.6 9.4h6.4l.6-9.4M6.8 7v4M9.2 7v4",
        "user" => {
            "M8 8a2.8 2.8 0 1 0 0-5.6A2.8 2.8 0 0 0 8 8zM2.8 13.8c.4-2.6 2.5-4 5.2-4s4.800 1.400 5.200 4"
        }
        "sun" => {
            "M8 10.800a2.800 2.800 0 1 0 0-5.600 2.800 2.800 0 0 0 0 5.600zM8 1.500v1.300M8 13.200v1.300M1.500 8h1.300M13.200 8h1.300M3.400 3.400l.9.9M11.700 11.700l.9.9M12.600 3.400l-.9.9M4.300 11.700l-.9.9"
        }
        "moon" => "M13.500 9.600A5.800 5.800 0 0 1 6.400 2.500a5.800 5.800 0 1 0 7.100 7.100z",
        "auto" => "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 2v12M8 5h3.800M8 8h5.800M8 11h4.500",
        "left" => "M10 3.500L5.500 8 10 12.500",
        "right" => "M6 3.500L10.500 8 6 12.500",
        "up" => "M8 13V3.500M4.200 7.200L8 3.400l3.800 3.800",
        "down" => "M8 3v9.500M4.200 8.800L8 12.600l3.800-3.800",
        "open" => "M4 6l4 4 4-4",
        "sort" => "M5 3v10M2.800 5.200L5 3l2.200 2.200M11 13V3M8.800 10.800L11 13l2.200-2.200",
        "columns" => "M2.500 3h11v10h-11zM6.200 3v10M9.800 3v10",
        "filter" => "M2 3.500h12M4.500 8h7M6.500 12.500h3",
        "table" => "M2.500 3h11v10h-11zM2.500 6.300h11M2.500 9.700h11M6.500 6.300V13",
        "chart" => "M2.500 2.500v11h11M5.500 10.500v-3M8.500 10.500v-6M11.500 10.500V7",
        "link" => "M9.500 2.500h4v4M13.500 2.500L7.500 8.500M11.500 9.500v4h-9v-9h4",
        "signout" => "M6.500 2.500h-4v11h4M10 5l3 3-3 3M13 8H6",
        "key" => "M5.500 13a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM7.700 7.800L13.500 2M11 4.500l2 2",
        "shield" => {
            "M8 1.800l5 1.800v4c0 3.200-2.100 5.400-5 6.600-2.900-1.200-5-3.400-5-6.600v-4zM5.700 7.900l1.700 1.700 3-3.300"
        }
        "enter" => "M13 3v5.500H3.500M6.500 5.500l-3 3 3 3",
        "dot" => "M8 9.500a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3z",
        _ => "",
    }
}
