//! Typing mistakes in words that the catalog and the vocabulary know.
//!
//! Invariant: a word that is one itself is never taken for another: what is known, and the common words here, stay.

use std::{collections::BTreeSet, sync::LazyLock};

use super::{
    By, StoredValue,
    terms::{LIGHT, WORDS},
    vocabulary::canonical,
};
use crate::questions::{
    times,
    words::{BREAK, Question, Word, names, singular, squash},
};

/// Words of time, which have no lexicon.
const TIMES: &[&str] = &[
    "january",
    "february",
    "march",
    "april",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "yesterday",
    "today",
    "week",
    "weeks",
    "month",
    "months",
    "quarter",
    "quarters",
    "year",
    "years",
    "days",
    "hours",
    "minutes",
    "since",
    "before",
    "until",
    "after",
    "fortnight",
    "weekend",
    "last",
    "previous",
    "current",
    "past",
    "prior",
    "preceding",
    "trailing",
    "ago",
    "back",
    "start",
    "beginning",
    "half",
    "first",
    "second",
    "third",
    "fourth",
    "to",
    "date",
    "so",
    "far",
    "full",
    "complete",
    "whole",
    "entire",
    "later",
    "onwards",
    "inclusive",
    "through",
    "till",
    "from",
    "between",
    "night",
    "morning",
    "couple",
    "few",
    "throughout",
    "within",
];

/// What tags are often called. They are the asker's own words, so the database knows them and the catalog does not.
const TAGS: &[&str] = &[
    "project",
    "projects",
    "department",
    "departments",
    "environment",
    "owner",
    "owners",
    "center",
    "centers",
    "application",
    "team",
    "teams",
    "customer",
    "division",
];

/// Words that are near one of ours and mean something else.
const COMMON: &str = "phone manager malware virus files file drive drives office offices berlin client clients tenant tenants ticket \
    tickets patch patched patches update updates updated version versions install installed software application applications \
    apps browser java python memory disk space free latency speed slow fast load cpu ram network vpn firewall printer printers \
    laptop laptops tablet tablets mobile server servers virtual physical weather joke capital president meaning life color colour \
    developer developers designer designers tester testers happened purple green black white cheese house horse moose close clothes coast coats casts host hosts ghost posts lost list lists \
    click clicks mouse keyboard keystrokes button screen window meeting meetings review audit board slide slides deck pack \
    budget budgets forecast forecasts invoice invoices contract contracts license licenses licence licences vendor vendors price \
    pricing discount discounts refund credit credits debit salary wages payroll holiday vacation absence sick leave leaves \
    building floor room desk chair parking coffee lunch dinner family friend friends child children mother father brother sister \
    story stories history geography science music movie movies picture pictures photo photos video videos audio song songs game games \
    color colors country countries city cities street village world earth moon star stars planet ocean river lake mountain \
    table tables password passwords secret secrets token tokens prompt instruction instructions schema select insert delete drop \
    sales marketing legal research engineering finance accounting controlling procurement purchasing logistics security compliance \
    director directors chief officer officers president employee employer leader leaders head heads boss chef chief \
    stage stages page pages party parties copy copies body bodies study studies duty duties army armies berry \
    hour our four tour pour sour your hello jello fellow yellow mellow shell spell tell sell bell fell well \
    carbon emission emissions energy power electricity water gas climate temperature humidity \
    health healthy wealthy stealth weather whether feather leather other others mother bother rather father gather \
    trigger tiger finger singer ginger linger danger ranger stranger anger \
    backup backups snapshot snapshots bucket buckets queue queues stack stacks cluster clusters container containers \
    email emails mail mails message messages chat chats call calls calling caller letter letters note notes \
    buy buys bought sell sells sold rent rents rented lease leases leased loan loans \
    human humans person woman women man men boy girl guest guests visitor visitors customer customers client supplier suppliers \
    red blue brown pink orange grey gray gold silver bronze \
    purchase purchased purchases order ordered orders shipping shipped delivery delivered \
    thin thick wide narrow broad deep shallow high low tall short long \
    crash crashed crashes freeze frozen hang hangs hung boot booting logon logoff login logout \
    assign unassign connect reconnect disconnect permit deny denied allow allowed grant granted \
    sandbox desktop laptop notebook notebooks monitor monitors display displays \
    azure google microsoft citrix vmware horizon oracle linux mac apple ios android chrome firefox edge teams slack zoom outlook \
    excel word powerpoint sharepoint onedrive photoshop autocad figma jira confluence salesforce workday";

static EVERYDAY: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| COMMON.split_whitespace().collect());

/// The words with their mistakes mended.
pub(super) fn mend(mut words: Vec<Word>, stored: &[StoredValue]) -> Vec<Word> {
    let known: BTreeSet<&str> =
        stored.iter().filter(|it| it.by != By::Likeness).map(|it| it.name.as_str()).collect();
    for word in &mut words {
        if !word.quoted
            && !known.contains(squash(&word.text).as_str())
            && let Some(better) = meant(&word.text)
        {
            better.clone_into(&mut word.text);
        }
    }
    words
}

/// What a question asks the database to look up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lookup {
    /// Squashed names that values may be called.
    pub names: Vec<String>,
    /// Those that are no words of ours: something similar may be meant.
    pub unknown: Vec<String>,
}

impl Lookup {
    /// What `question` may name.
    #[must_use]
    pub fn of(question: impl Into<Question>) -> Self {
        let cut = question.into().words;
        let unknown = unknown_names(&cut);
        let mended = mend(cut.clone(), &[]);
        // "contractor desktops": what is named by its plural.
        let plurals = cut.iter().filter(|it| it.text.len() > 4 && !it.text.ends_with('s') && is_strange(it));
        let mut all = names(&cut);
        for name in names(&mended).into_iter().chain(plurals.map(|it| squash(&it.text) + "s")) {
            if !all.contains(&name) {
                all.push(name);
            }
        }
        Self { names: all, unknown }
    }
}

fn is_strange(word: &Word) -> bool {
    word.text != ","
        && word.text != BREAK
        && word.text.chars().any(char::is_alphabetic)
        && !is_known(&word.text)
}

fn unknown_names(words: &[Word]) -> Vec<String> {
    let mut unknown = Vec::new();
    for (n, word) in words.iter().enumerate() {
        if !is_strange(word) {
            continue;
        }
        unknown.push(squash(&word.text));
        let next = words.get(n + 1).filter(|it| is_strange(it));
        if let Some(next) = next {
            unknown.push(squash(&word.text) + &squash(&next.text));
        }
    }
    unknown.retain(|it| !it.is_empty());
    unknown.dedup();
    unknown
}

/// A word of the catalog, of time, or a common one: none that only a name can be.
pub(super) fn is_known(word: &str) -> bool {
    let one = singular(word);
    let one = one.as_ref();
    let ours = |it: &str| WORDS.contains(it) || TIMES.contains(&it) || TAGS.contains(&it);
    ours(word)
        || ours(one)
        || WORDS.contains(&format!("{word}s"))
        || canonical(word) != word
        || EVERYDAY.contains(word)
        || LIGHT.contains(word)
        || times::spelled(word).is_some()
        || word.ends_with("ly")
}

/// The word that was meant; `None` for words that are one, and where nothing is near enough.
fn meant(word: &str) -> Option<&'static str> {
    let letters = word.chars().count();
    if letters < 5 || !word.chars().all(char::is_alphabetic) || is_known(word) {
        return None;
    }
    let allowed = if letters <= 7 { 1 } else { 2 };
    let first = word.chars().next();
    let last = word.chars().last();
    let near = |candidate: &'static str| {
        // "developer" is no mistake for "developed".
        let inflected = candidate.chars().last() != last && sorted(candidate) != sorted(word);
        let size = candidate.chars().count();
        if size < 4 || size.abs_diff(letters) > allowed {
            return None;
        }
        // The first letter is seldom mistaken, but for the second one.
        let swapped = candidate.chars().next() == word.chars().nth(1) && candidate.chars().nth(1) == first;
        if candidate.chars().next() != first && !swapped {
            return None;
        }
        let distance = strsim::osa_distance(candidate, word);
        (distance <= allowed && !(inflected && size >= letters)).then_some((
            distance,
            inflected,
            squeezed(candidate) != squeezed(word),
            size.abs_diff(letters),
            candidate,
        ))
    };
    let candidates =
        WORDS.iter().map(String::as_str).chain(TIMES.iter().copied()).chain(TAGS.iter().copied());
    let best = candidates.filter_map(near).min()?;
    Some(best.4)
}

fn sorted(word: &str) -> Vec<char> {
    let mut letters: Vec<char> = word.chars().collect();
    letters.sort_unstable();
    letters
}

/// Without the letters that repeat the one before: the commonest mistake is one of those.
fn squeezed(word: &str) -> Vec<char> {
    let mut letters: Vec<char> = word.chars().collect();
    letters.dedup();
    letters
}
