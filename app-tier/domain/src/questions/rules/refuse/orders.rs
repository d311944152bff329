//! Orders: "stop the zombies" is one, "how many stops yesterday" and "put the dearest first" are none.

use crate::questions::words::{BREAK, Word};

/// Orders; only as the first word of a statement, pleasantries aside.
pub(super) const ORDERS: &[&str] = &[
    "delete",
    "remove",
    "terminate",
    "kill",
    "destroy",
    "drop",
    "update",
    "insert",
    "alter",
    "create",
    "stop",
    "start",
    "reboot",
    "restart",
    "rebuild",
    "shutdown",
    "grant",
    "truncate",
    "reset",
    "approve",
    "reject",
    "cancel",
    "enable",
    "disable",
    "migrate",
    "move",
    "resize",
    "assign",
    "unassign",
    "provision",
    "deploy",
    "launch",
    "power",
    "turn",
    "switch",
    "set",
    "tag",
    "untag",
    "send",
    "email",
    "mail",
    "schedule",
    "book",
    "execute",
    "run",
    "restore",
    "patch",
    "install",
    "uninstall",
    "encrypt",
    "modify",
    "fix",
    "repair",
    "log",
    "sign",
    "wipe",
    "archive",
    "revoke",
    "rename",
    "increase",
    "reduce",
    "upgrade",
    "downgrade",
    "buy",
    "order",
    "invite",
    "unlock",
    "block",
    "lock",
    "write",
    "translate",
    "draw",
    "sing",
    "stopp",
    "bounce",
    "decommission",
    "purge",
    "clean",
    "flip",
    "put",
    "convert",
    "nuke",
    "reap",
    "shut",
    "reassign",
    "transfer",
    "notify",
    "remind",
    "reactivate",
    "deactivate",
    "suspend",
    "resume",
    "scale",
];

/// Orders that say what something becomes.
const MOVES: &[&str] =
    &["switch", "set", "move", "migrate", "convert", "flip", "upgrade", "downgrade", "resize", "transfer"];

/// What may stand before an order.
pub(super) const BEFORE_ORDERS: &[&str] = &[
    "please",
    "pls",
    "plz",
    "can",
    "could",
    "would",
    "will",
    "you",
    "u",
    "now",
    "then",
    "and",
    "just",
    "go",
    "ahead",
    "kindly",
    "hi",
    "hey",
    "hello",
    "ok",
    "okay",
    "let's",
    "let",
    "'s",
    "lets",
    "quickly",
    "immediately",
    "also",
    "should",
    "skydesk",
    "to",
    "i",
    "want",
    "need",
    "like",
    "must",
];

/// "drop the region", "remove the limit": of the plan before, not of desktops.
pub(super) fn is_edit(words: &[Word]) -> bool {
    const THINGS: &[&str] = &[
        "desktop",
        "desktops",
        "workspace",
        "workspaces",
        "machine",
        "machines",
        "box",
        "boxes",
        "them",
        "those",
        "these",
        "it",
        "all",
        "everything",
        "zombies",
        "account",
        "table",
    ];
    let also = |it: &&Word| matches!(it.text.as_str(), "and" | "then" | "now" | "also" | "just");
    let skipped = words.iter().take_while(also).count();
    let said: Vec<&str> = words.iter().skip(skipped).take(4).map(|it| it.text.as_str()).collect();
    let edits = match said.first() {
        Some(&("drop" | "remove" | "clear")) => true,
        Some(&("set" | "switch" | "move")) => skipped == 0,
        _ => false,
    };
    edits && !said.iter().any(|it| THINGS.contains(it))
}

/// A statement that begins with an order; a follow-up may edit the plan before.
pub(super) fn is_order(words: &[Word], follows: bool) -> bool {
    let mut statements = words.split(|it| it.text == BREAK || it.text == ",");
    statements.any(|statement| {
        if follows && is_edit(statement) {
            return false;
        }
        if is_wish(statement) {
            return true;
        }
        let mut rest = statement.iter().skip_while(|it| BEFORE_ORDERS.contains(&it.text.as_str()));
        let Some(first) = rest.next() else { return false };
        let said: Vec<&str> = rest.clone().map(|it| it.text.as_str()).collect();
        let Some(second) = rest.next() else { return false };
        if !ORDERS.contains(&first.text.as_str()) || arranges(&first.text, &said) {
            return false;
        }
        // "stop events yesterday", "terminate recommendations", "tag values by …" are no orders: an object would have an
        // article, a number, or be a desktop, a name or all of them.
        let object = second.text.as_str();
        if is_noun(&first.text, object) {
            return false;
        }
        // "reboot heidi tran's desktop", "restart DEV-6A04E44D"
        let owned = rest.take(2).any(|it| it.text == "'s");
        let named = object.contains('-')
            && object.starts_with(|c: char| c.is_ascii_alphabetic())
            && object.contains(|c: char| c.is_ascii_digit());
        // "switch jane smith to AlwaysOn"
        let moves = MOVES.contains(&first.text.as_str()) && said.iter().skip(1).any(|it| *it == "to");
        if owned || named || moves {
            return true;
        }
        matches!(
            object,
            "the"
                | "all"
                | "every"
                | "these"
                | "those"
                | "this"
                | "that"
                | "my"
                | "our"
                | "them"
                | "it"
                | "any"
                | "desktop"
                | "desktops"
                | "workspace"
                | "workspaces"
                | "machine"
                | "machines"
                | "zombie"
                | "zombies"
                | "a"
                | "an"
                | "into"
                | "in"
                | "off"
                | "on"
                | "out"
                | "down"
                | "idle"
                | "unused"
                | "stopped"
                | "me"
                | "us"
                | "everything"
                | "everyone"
                | "half"
                | "up"
                | "back"
                | "both"
                | "user"
                | "running"
                | "broken"
                | "from"
                | "his"
                | "her"
                | "their"
                | "to"
                | "jobs"
                | "operation"
                | "whatever"
                | "whoever"
                | "one"
        ) && !(matches!(
            first.text.as_str(),
            "order" | "log" | "sign" | "run" | "power" | "increase" | "reduce" | "set"
        ) && matches!(object, "in" | "on" | "from"))
            || object.starts_with("ws-")
            || object.contains('.')
    })
}

/// "please have every stopped desktop terminated", "make sure nobody stays on manual", "be a dear and restart it".
fn is_wish(statement: &[Word]) -> bool {
    let asked = statement.iter().take_while(|it| BEFORE_ORDERS.contains(&it.text.as_str())).count();
    let said: Vec<&str> = statement.iter().skip(asked).map(|it| it.text.as_str()).collect();
    let mine = statement.iter().take(asked).any(|it| matches!(it.text.as_str(), "i" | "we"));
    match said.as_slice() {
        ["make", "sure", next, ..] => {
            matches!(
                *next,
                "nobody" | "noone" | "no" | "none" | "everyone" | "everybody" | "every" | "all" | "each"
            )
        }
        ["be", "a", _, "and", verb, rest @ ..] => ORDERS.contains(verb) && !arranges(verb, rest),
        ["raise", "a" | "an" | "one", ..] => true,
        // "can I have the list of desktops stopped" is none.
        ["have", .., last] if asked > 0 && !said.contains(&"been") && !mine => {
            let of = |end: &str| last.strip_suffix(end).is_some_and(|it| ORDERS.contains(&it));
            of("ed") || of("d") || of("ged") || of("ped")
        }
        _ => false,
    }
}

/// "drop in hours by department" is one in hours.
fn is_noun(verb: &str, object: &str) -> bool {
    verb == "drop" && object == "in"
}

/// "put the dearest first", "order them by the increase", "draw up a list", "remind me": that is about the answer.
fn arranges(verb: &str, object: &[&str]) -> bool {
    let has = |wanted: &[&str]| object.iter().any(|it| wanted.contains(it));
    let ends = matches!(object.last(), Some(&("first" | "last")));
    match verb {
        "remind" => object == ["me"],
        "draw" | "write" => has(&["list", "table"]),
        "power" => {
            let way = |it: Option<&&str>| matches!(it, Some(&("on" | "off" | "up" | "down")));
            !way(object.first()) && !way(object.last())
        }
        "order" => has(&["by"]) || ends,
        "put" | "flip" | "turn" => {
            ends || has(&["ascending", "descending", "order", "round", "around", "grouping"])
                || object.windows(2).any(|it| it == ["next", "to"])
        }
        _ => false,
    }
}
