//! What is typed at work every day, in plain words, by what the rules once failed on.

use crate::{asked, expect};

#[test]
fn plain_words_are_read_as_they_are_meant() {
    expect(
        asked,
        &[
            (
                "changes of desktops that moved from the corp directory",
                "changes with old value corp.example.com with field directory",
            ),
            (
                "connected minutes from 1 October to 31 October vs the period before",
                "total connected minutes in October 2026, compared with September 2026",
            ),
            (
                "top 10 connected hours by user",
                "total connected minutes, by user, the 10 with the highest total connected minutes",
            ),
            (
                "services whose cost fell by less than 100 dollars last month against the month before",
                "total cost last month, by service, only where change of total cost less than 0 USD and change of total cost more than -100 USD, compared with the month 2 months ago",
            ),
            (
                "how many users changed from AutoStop to AlwaysOn",
                "number of different users of changes with old value AUTO_STOP with field running_mode with new value ALWAYS_ON",
            ),
            ("desktops that are older than one year", "desktops with first seen before 365 days ago"),
            ("who should move to AlwaysOn", "recommendations with action to_always_on"),
            (
                "3 most changed desktops per account this month",
                "number of changes this month, by account and desktop, the 3 with the highest number for each account",
            ),
            (
                "user with the most changes this month",
                "number of changes this month, by user, the one with the highest number",
            ),
            (
                "desktops with at least 2 running mode changes this year",
                "number of changes this year with field running_mode, by desktop, only where number at least 2",
            ),
            (
                "changes to Power with Windows 11 desktops this week",
                "changes this week with desktop's bundle Power with Windows 11",
            ),
            (
                "how many people changed something last week",
                "number of different people (changed by) of changes last week",
            ),
            (
                "number of rebuilds of AlwaysOn desktops since October",
                "number of events since 2026-10-01 with operation RebuildWorkspaces with desktop's running mode ALWAYS_ON",
            ),
            ("rows exported per requester last quarter", "total rows of reports last quarter, by asked by"),
            (
                "possible savings per directory, only above 50 USD",
                "total expected saving of recommendations, by desktop's directory, only where total expected saving more than 50 USD",
            ),
            (
                "IP addresses used by more than one desktop",
                "number of desktops, by IP address, only where number more than 1",
            ),
            (
                "tags added or deleted since Monday 16 November",
                "events since 2026-11-16 with operation CreateTags or DeleteTags",
            ),
            ("list the charges of jane.smith in October", "costs in October 2026 with user jane.smith"),
            (
                "who logged in to Skydesk today, latest first",
                "users with last login since today, highest last login first",
            ),
            ("newest Skydesk user", "users, the one with the highest created"),
            (
                "drop in cost by region last month vs the month before",
                "total cost last month, by region, compared with the month 2 months ago",
            ),
            ("users with several desktops", "number of desktops, by user, only where number more than 1"),
            (
                "users with more then one desktop",
                "number of desktops, by user, only where number more than 1",
            ),
            (
                "how many desktops run windows server 2022 or 2025",
                "number of desktops with operating system WINDOWS_SERVER_2022 or WINDOWS_SERVER_2025",
            ),
            ("desktops on Windows 10 or 11", "desktops with operating system WINDOWS_10 or WINDOWS_11"),
            (
                "how many different root volume sizes are there",
                "number of different root volumes of desktops",
            ),
            ("desktops older than one year", "desktops with first seen before 365 days ago"),
            (
                "desktops first seen in the first half of October",
                "desktops with first seen from 2026-10-01 to before 2026-10-16",
            ),
            (
                "root volume changed from 80 to 175 this month",
                "changes this month with field root_volume_gib with old value 80 with new value 175",
            ),
            (
                "desktops changed from hourly to monthly since June",
                "changes since 2026-06-01 with old value AUTO_STOP with field running_mode with new value ALWAYS_ON",
            ),
            (
                "moves from AutoStop to AlwaysOn per month this year",
                "number of changes this year with old value AUTO_STOP with field running_mode with new value ALWAYS_ON, by month",
            ),
            (
                "old and new compute type of jane.smith's desktop",
                "changes with field compute_type with user jane.smith",
            ),
            (
                "what changed on jane.smith's desktop since 1 November",
                "changes since 2026-11-01 with user jane.smith",
            ),
            (
                "cost in September or October by service",
                "total cost from 2026-09-01 to before 2026-11-01, by service",
            ),
            ("expenses since 1 April till the end of June", "total cost in Q2 2026"),
            ("cost last completed quarter by region", "total cost last quarter, by region"),
            (
                "cost by service last month, leave out anything below 100 dollars",
                "total cost last month, by service, only where total cost at least 100 USD",
            ),
            (
                "5 most expensive users of each region this year",
                "total cost this year, by region and user, the 5 with the highest total cost for each region",
            ),
            (
                "services whose cost rose by more than 500 dollars last month against the month before",
                "total cost last month, by service, only where change of total cost more than 500 USD, compared with the month 2 months ago",
            ),
            (
                "departments that cost at least 1000 dollars more in October than in September",
                "total cost in October 2026, by desktop's tag Department, only where change of total cost at least 1000 USD, compared with September 2026",
            ),
            (
                "can you split last month's costs by region and running mode",
                "total cost last month, by region and running mode",
            ),
            (
                "users with less than 5 connected hours last month",
                "total connected minutes last month, by user, only where total connected minutes less than 300 min",
            ),
            (
                "top ten days of this year by billable hours",
                "total billable hours this year, by day, the 10 with the highest total billable hours",
            ),
            (
                "directories where more than half of the desktops are stopped",
                "share (with state STOPPED) of desktops, by directory, only where share more than 50 %",
            ),
            (
                "what share of zombies is in eu-west-1",
                "share (in eu-west-1) of desktops with last connection before 30 days ago",
            ),
            (
                "who asked for the most reports last quarter",
                "number of reports last quarter, by asked by, the one with the highest number",
            ),
            ("average number of rows by report format", "average rows of reports, by format"),
            ("average number of regions per account", "average number of regions of accounts"),
            ("accounts not synced for more than 6 hours", "accounts with last sync before 6 hours ago"),
            ("accounts whose last sync is more than 2 days old", "accounts with last sync before 2 days ago"),
            (
                "operations waiting for approval for more than 7 days",
                "operations before 7 days ago with state proposed",
            ),
            (
                "operators who have not logged in to Skydesk for 90 days",
                "users with role operator with last login before 90 days ago",
            ),
            (
                "expected and safe saving per region",
                "total expected saving and total safe saving of recommendations, by region",
            ),
            (
                "highest expected saving per directory",
                "highest expected saving of recommendations, by desktop's directory",
            ),
            ("top 5 expected savings", "recommendations, the 5 with the highest expected saving"),
            (
                "write calls by jane.smith in the last 7 days",
                "events since 7 days ago without read only with user jane.smith",
            ),
            (
                "first termination this year",
                "events this year with operation TerminateWorkspaces, the one with the lowest time",
            ),
            ("events whose summary mentions running mode", "events with “running mode” in what was done"),
            ("reports with zombie in the title", "reports with “zombie” in title"),
            (
                "Production desktops without root volume encryption",
                "desktops with account Production without root volume encrypted",
            ),
        ],
    );
}

#[test]
fn hours_and_figures_that_rose_are_read_as_they_are_meant() {
    expect(
        asked,
        &[
            (
                "people with more than one AlwaysOn desktop",
                "number of desktops with running mode ALWAYS_ON, by user, only where number more than 1",
            ),
            (
                "users with two AlwaysOn desktops or more",
                "number of desktops with running mode ALWAYS_ON, by user, only where number at least 2",
            ),
            (
                "which quarter was our most expensive",
                "total cost, by quarter, the one with the highest total cost",
            ),
            (
                "which AutoStop users went past 160 billable hours last month",
                "total billable hours last month with running mode AUTO_STOP, by user, only where total billable hours more than 160 h",
            ),
            (
                "directories whose cost fell last month",
                "total cost last month, by directory, only where change of total cost less than 0 USD, compared with the month 2 months ago",
            ),
            (
                "departments up by more than 500 dollars from September to October",
                "total cost in October 2026, by desktop's tag Department, only where change of total cost more than 500 USD, compared with September 2026",
            ),
            ("desktops we saw for the first time this week", "desktops with first seen in this week"),
            (
                "last logon of everybody in Production, oldest first",
                "desktops with account Production, lowest last connection first",
            ),
            (
                "compute type changes away from Standard this quarter",
                "changes this quarter with old value STANDARD with field compute_type",
            ),
            (
                "how many percent of the bill is WorkSpaces, each month of this year",
                "share of cost (with service Amazon WorkSpaces) this year, by month",
            ),
            ("our 10 oldest desktops by first seen", "desktops, the 10 with the lowest first seen"),
            (
                "departments above $2,000 in October",
                "total cost in October 2026, by desktop's tag Department, only where total cost more than 2000 USD",
            ),
            (
                "cost by directory in September, sorted by cost",
                "total cost in September 2026, by directory, highest total cost first",
            ),
            ("hours per user last month", "total billable hours last month, by user"),
            (
                "users above 50 hours last month",
                "total billable hours last month, by user, only where total billable hours more than 50 h",
            ),
            (
                "which people were connected over 40 hours last week",
                "total connected minutes last week, by user, only where total connected minutes more than 2400 min",
            ),
            (
                "alwayson desktops below 40h last month",
                "total billable hours last month with running mode ALWAYS_ON, by desktop, only where total billable hours less than 40 h",
            ),
            ("how many hours were the desktops in use last month", "total billable hours last month"),
            (
                "share of hours in October that fell on AlwaysOn",
                "share of billable hours (with running mode ALWAYS_ON) in October 2026",
            ),
            ("machines that haven't synced for 24 hours", "desktops with observed before 24 hours ago"),
            ("accounts that haven't synced for 2 days", "accounts with last sync before 2 days ago"),
            (
                "desktops that turned unhealthy more than twice this month",
                "number of changes this month with new value UNHEALTHY with field state, by desktop, only where number more than 2",
            ),
        ],
    );
}

#[test]
fn what_is_recorded_is_not_taken_for_what_is_not() {
    expect(
        asked,
        &[
            (
                "how many hours was jane.smith connected last month",
                "total connected minutes last month with user jane.smith",
            ),
            ("hours online per user last month", "total connected minutes last month, by user"),
            (
                "connected desktops with more than 40 hours last month",
                "total billable hours last month, by desktop, only where total billable hours more than 40 h",
            ),
            (
                "hours and number of desktops in use last month",
                "total billable hours and number of different desktops of days of use last month",
            ),
            (
                "how many billable hours were on stopped desktops last month",
                "total billable hours last month with desktop's state STOPPED",
            ),
            (
                "what drove most of the bill in October by service",
                "total cost in October 2026, by service, the one with the highest total cost",
            ),
            (
                "what was the price of a desktop in October",
                "total cost in October 2026 with service Amazon WorkSpaces",
            ),
            ("job 2029", "jobs with number 2029"),
            ("jobs backed up in the queue", "jobs with state waiting"),
            (
                "which department is best to save on",
                "total expected saving of recommendations, by desktop's tag Department, the one with the highest total expected saving",
            ),
            ("how much would you say we have spent so far this month", "total cost this month"),
            ("average cost per user last month", "average cost per user last month"),
            ("avg hours per desktop in October", "average billable hours per desktop in October 2026"),
            ("average monthly spend per account this year", "average cost per month this year, by account"),
            ("our average monthly bill this year", "average cost per month this year"),
            ("average number of desktops per user", "average number of desktops per user"),
            ("average number of changes per user", "average number of changes per user"),
            (
                "average cost per desktop by bundle",
                "average cost per desktop with service Amazon WorkSpaces, by desktop's bundle",
            ),
            // A row of costs is one desktop's of a month.
            ("average cost per desktop last month", "average cost last month with service Amazon WorkSpaces"),
            ("sessions yesterday by region", "total sessions yesterday, by region"),
            ("unencrypted desktops", "desktops without full encryption"),
            ("which boxes arent encrypted", "desktops without full encryption"),
            ("desktops with the user volume not encrypted", "desktops without user volume encrypted"),
            ("unencrypted system drives", "desktops without root volume encrypted"),
            ("regions", "number of desktops, by region"),
            ("which departments are there", "number of desktops, by tag Department"),
            ("newest desktops", "desktops, highest first seen first"),
            ("the newest desktop", "desktops, the one with the highest first seen"),
            ("most expensive users", "total cost, by user, highest total cost first"),
            ("which accounts could not be read", "accounts with sync state failed or denied"),
            ("active operators", "users without disabled with role operator"),
            ("average monthly saving of the recommendations", "average expected saving of recommendations"),
            (
                "departments whose cost fell this month, sorted by cost",
                "total cost this month, by desktop's tag Department, only where change of total cost less than 0 USD, compared with last month, highest total cost first",
            ),
            (
                "machines nobody has connected to in 90 days, number of them per bundle",
                "number of desktops with last connection before 90 days ago, by bundle",
            ),
            ("desktops nobody's connected to in 90 days", "desktops with last connection before 90 days ago"),
            (
                "compare hours in Production and Development this month",
                "total billable hours this month with account Production or Development, by account",
            ),
            (
                "compare hours in Production and Development last month with the month before",
                "total billable hours last month with account Production or Development, compared with the month 2 months ago",
            ),
            (
                "compare AlwaysOn with AutoStop cost in October",
                "total cost in October 2026 with running mode ALWAYS_ON or AUTO_STOP, by running mode",
            ),
            ("accounts that could not be synced", "accounts with sync state failed or denied"),
            ("cost by tag Department", "total cost, by desktop's tag Department"),
            ("desktops stuck in pending", "desktops with state PENDING"),
            ("unencrypted volumes by account", "2 readings"),
            ("running AlwaysOn desktops", "desktops with state AVAILABLE with running mode ALWAYS_ON"),
            ("desktops running Windows 11", "desktops with operating system WINDOWS_11"),
            (
                "how many people had their desktop rebuilt this year",
                "number of different users of events this year with operation RebuildWorkspaces",
            ),
            (
                "who logged the most hours in september",
                "total billable hours in September 2026, by user, the one with the highest total billable hours",
            ),
        ],
    );
}
