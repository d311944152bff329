//! What is named by a part of it: names of computers by how they begin, networks, programs, names of errors.

use crate::{asked, expect, words};

#[test]
fn a_part_of_a_name_is_looked_for() {
    expect(
        asked,
        &[
            ("LAB- machines", "desktops with “LAB-” in computer name"),
            ("computers named DEV-something", "desktops with “DEV-” in computer name"),
            ("machines named lab-*", "desktops with “lab-” in computer name"),
            ("hostname starts with LAB-", "desktops with “LAB-” in computer name"),
            ("hostnames with LAB- in them", "desktops with “LAB-” in computer name"),
            (
                "hours of LAB- machines last month",
                "total billable hours last month with “LAB-” in desktop's computer name",
            ),
            ("desktops in the 10.21.96 range", "desktops with “10.21.96.” in IP address"),
            ("machines with an address starting 10.22", "desktops with “10.22.” in IP address"),
            (
                "desktops in 10.21.96.x in the corp directory",
                "desktops with “10.21.96.” in IP address with directory corp.example.com",
            ),
            ("desktops in 10.22.7.0/24", "desktops with “10.22.7.” in IP address"),
            ("calls from 203.0.113.x yesterday", "events yesterday with “203.0.113.” in address"),
            ("events made with terraform", "events with “terraform” in program"),
            ("events with terraform in the user agent", "events with “terraform” in program"),
            ("events where user agent like terraform", "events with “terraform” in program"),
            (
                "throttled calls per hour yesterday",
                "number of events yesterday with “Throttling” in error, by hour",
            ),
            ("jobs with ThrottlingException", "jobs with “ThrottlingException” in error"),
        ],
    );
}

#[test]
fn what_only_looks_like_a_part_is_not() {
    expect(
        asked,
        &[
            ("show the desktop 10.21.33.4", "desktops with IP address 10.21.33.4"),
            ("desktops used on 10.11.2026", "number of different desktops of days of use in 2026-11-10"),
            ("EC2-Other cost last month", "total cost last month with service EC2 - Other"),
            (
                "cost of WorkSpaces over $10.20 by month",
                "total cost with service Amazon WorkSpaces, by month, only where total cost more than 10.2 USD",
            ),
        ],
    );
    // What is said of the text otherwise is not dropped.
    for question in [
        "which desktops are not in 10.21.*",
        "DEV- and LAB-accounts",
        "users that cost over 10.22 per subnet",
        "desktops whose cost is in the range 10.50 to 20.75",
    ] {
        let read = words(question);
        assert!(read.starts_with("unsure") && !read.contains("address"), "{question}: {read}");
    }
}
