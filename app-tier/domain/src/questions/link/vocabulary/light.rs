//! General words of English that name nothing here: what anybody has, does, gives or wants, whatever it is.
//!
//! They are no list of what was seen: each class is there whole, in every form. Deliberately left out is what narrows
//! ("install", "expire", "need to be patched"): an unknown word must stay one that the answer does not account for.

/// Verbs by their first form; the others follow by rule.
const VERBS: &str = "provide supply deliver furnish offer submit forward compile prepare produce generate incur \
    accrue accumulate amass rack consume eat gobble swallow devour clock hog hoard occupy possess carry bear bring \
    fetch retrieve obtain receive collect gather comprise involve represent constitute become turn perform conduct \
    undertake handle process manage retain maintain utilise utilize employ exploit enjoy equip fit feature \
    determine establish ascertain verify confirm validate examine inspect investigate research evaluate assess \
    study track trace locate spot search seek hunt dig chase figure learn realise realize indicate specify clarify \
    calculate reckon wish desire hope intend attempt assist advise inform notify contact appreciate mention state \
    repeat arrange arrive accept regard treat kick fire throw hit reach rely depend remain stay undergo experience \
    suffer encounter face meet attribute allocate assign attach tie bind bound claim allege expect suspect believe \
    assume suppose imagine fear worry care matter concern relate wait stand lie lurk linger sit rest hop jump \
    grab pop pick choose select prefer enter arise emerge result end finish \
    explore browse scan skim peek glance observe watch spend waste burn drain cost chew guzzle hammer crank \
    tot amount add sum stack pile mount land drop fall climb creep sneak slip slide stick hang float drift wander \
    bug annoy bother puzzle confuse surprise scare nag ping chase pester remind insist complain moan swear promise \
    guess bet gather hear talk speak discuss argue agree disagree decide plan prepare present review revisit recheck \
    refresh reconcile justify defend challenge question dispute flag raise pass share post paste copy print draft \
    write read cover contain span last stretch split divide sort rank order arrange line put place position keep hold \
    save store host serve back support feed power drive lead follow join belong pertain apply count matter make do \
    try test play work sleep sit wake break choke struggle crawl cope survive exist occur happen help assist \
    appreciate thank love hate mind care wonder doubt suspect figure reckon estimate guesstimate approximate round \
    boil come go head tend aim seem appear look sound feel prove turn begin continue proceed cease";

/// Forms that no rule makes.
const IRREGULAR: &str = "brought bore borne became become ate eaten fought sought hunted dug thrown threw chose chosen \
    met bound bound tied lay lain lying sat stood did done went gone got gotten kept held had made taken took given gave \
    seen saw shown came run ran fit hit began begun meant understood hopped popped grabbed occupied carried tied \
    specified clarified verified notified worried relied underwent undergone arisen arose";

/// Nouns, adjectives, adverbs and small words.
const OTHERS: &str = "dear sir madam mr mrs ms dr colleague colleagues regards sincerely kind matter matters case cases \
    purpose purposes context regard respect basis course way ways manner view views point fact evidence proof inventory \
    statement listing outline snapshot threshold limit limits criterion criteria condition conditions category categories \
    bucket buckets group groups set sets batch batches portion pool letters letter characters character command commands \
    complete full main major key sole single genuine present relevant pertinent appropriate suitable proper correct \
    official internal external ordinary usual plain simple brief short detailed comprehensive important unfortunately \
    unfortunate actively purely mostly mainly largely primarily namely solely originally initially eventually finally \
    formally internally evidently obviously clearly apparently frankly honestly literally effectively ultimately \
    generally normally usually often sometimes somehow somewhere yet therefore hence thus indeed instead \
    besides anyway mind attention urgency favour favor sake reason background question questions request inquiry query \
    him himself herself themselves itself ourselves myself yourself whom whose thereof thereby herein \
    yo mate folks dude bro lol haha thanks hmm ugh argh wow damn heck hell bloody freaking \
    everyone everybody anyone someone nobody anybody somebody people's guy lady lot lots ton tons load loads heap heaps \
    rather even just still also again quite somewhat pretty fairly totally absolutely entirely completely \
    crazy insane ridiculous weird odd strange funny silly nice great awesome sweet cool neat handy \
    shaky fat juicy hefty whopping stupid dumb lazy sloppy wild huge massive tremendous enormous considerable \
    significant substantial notable remarkable worrying alarming suspicious unusual surprising sensible obvious \
    rate pace level scale extent degree deal sake whim hunch suspicion gut rough ballpark headline \
    booked booking nb ps eh okay yup nah hiya heya howdy ciao morning evening afternoon asap eod fyi tia pov ref re wrt cc";

/// Every one of these words.
pub(in crate::questions::link) fn light() -> impl Iterator<Item = String> {
    let verbs = VERBS.split_whitespace().flat_map(forms);
    verbs.chain(IRREGULAR.split_whitespace().chain(OTHERS.split_whitespace()).map(str::to_owned))
}

/// "carry", "carries", "carried", "carrying".
fn forms(verb: &str) -> Vec<String> {
    let silent = verb.strip_suffix('e').filter(|it| !it.ends_with('e'));
    let y = verb.strip_suffix('y').filter(|it| !it.ends_with(['a', 'e', 'o']));
    let letters: Vec<char> = verb.chars().collect();
    let vowel = |c: &char| matches!(c, 'a' | 'e' | 'i' | 'o' | 'u');
    let short = letters.len() <= 4 && letters.iter().filter(|it| vowel(it)).count() == 1;
    let closed =
        matches!(letters.as_slice(), [.., v, c] if vowel(v) && !vowel(c) && !matches!(c, 'w' | 'x' | 'y'));
    let doubled =
        short && closed || matches!(verb, "submit" | "incur" | "occur" | "prefer" | "equip" | "admit");
    let double = verb.chars().last().filter(|_| doubled).map(String::from).unwrap_or_default();
    let third = match y {
        Some(stem) => format!("{stem}ies"),
        None if verb.ends_with(['s', 'x']) || verb.ends_with("ch") || verb.ends_with("sh") => {
            format!("{verb}es")
        }
        None => format!("{verb}s"),
    };
    let past = match (y, silent) {
        (Some(stem), _) => format!("{stem}ied"),
        (None, Some(stem)) => format!("{stem}ed"),
        (None, None) => format!("{verb}{double}ed"),
    };
    let going = match silent {
        Some(stem) => format!("{stem}ing"),
        None => format!("{verb}{double}ing"),
    };
    vec![verb.to_owned(), third, past, going]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_follow_the_rules_of_spelling() {
        for (verb, expected) in [
            ("provide", "provide provides provided providing"),
            ("carry", "carry carries carried carrying"),
            ("hog", "hog hogs hogged hogging"),
            ("reach", "reach reaches reached reaching"),
            ("enjoy", "enjoy enjoys enjoyed enjoying"),
        ] {
            assert_eq!(forms(verb).join(" "), expected);
        }
    }
}
