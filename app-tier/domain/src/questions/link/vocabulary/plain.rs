//! Words that say nothing by themselves, and words that are short for others.

use std::{collections::HashMap, sync::LazyLock};

/// Other spellings and short forms, each with what it stands for.
const ALIASES: &str = "dept=department|depts=departments|dep=department|acct=account|accts=accounts|centre=center|\
    centres=centers|env=environment|envs=environments|proj=project|usr=user|usrs=users|ppl=people|\
    vol=volume|vols=volumes|rec=recommendation|recs=recommendations|reco=recommendation|\
    recos=recommendations|chg=change|chgs=changes|prod=production|prd=production|dev=development|\
    dev's=development|nr=number|qty=number|mins=minutes|hrs=hours|hr=human resources|mgmt=management|\
    ops=operations|op=operation|incl=including|excl=excluding|mktg=marketing|eng=engineering|\
    fin=finance|colour=color|programme=program|licence=license|msg=message|msgs=messages|addr=address|\
    addrs=addresses|u=you|ur=your|tho=though|w=with|wo=without|b4=before|cnt=count|tot=total|ttl=total|\
    num=number|svc=service|svcs=services|dir=directory|dirs=directories|reg=region|regs=regions|\
    desc.=desc|cancelled=canceled|yday=yesterday|wks=weeks|mnth=month|mnths=months|mths=months|\
    authorised=authorized|organisation=organization|wkspace=workspace|wkspaces=workspaces|\
    conn=connection|someone=somebody|lst=last|prj=project|yrs=years";

static LONG: LazyLock<HashMap<&'static str, &'static str>> =
    LazyLock::new(|| ALIASES.split('|').filter_map(|it| it.split_once('=')).collect());

/// The word that a short form or another spelling stands for.
pub(crate) fn canonical(word: &str) -> &str {
    LONG.get(word).copied().unwrap_or(word)
}

/// Runs of words that say nothing, of words that say something elsewhere.
const SILENT: &str = "took place|take place|takes place|taken place|taking place|please state|state which|state who|state how many|would like|would like to|would like to know|i'd like|i'd like to see|like to|want to know|\
    need to know|looking for|look like|looks like|at the moment|right now|as of now|up to now|so far|\
    in the fleet|out there|at all|by the way|for me|for us|of ours|to me|been up to|up to something|to us|to know|for now|\
    by chance|let me know|let me see|can i see|can you show|at present|these days|in place|no idea|\
    not sure|at a glance|please to|in detail|a bit|a lot of|as of today|let us know|do you know|set to|\
    set up|no matter|or not|or so|any more|anymore|any longer|more or less|in use right now|\
    in there|give or take|if any|if possible|no rush|no hurry|when you can|by any chance|whether or not|\
    like that|of all|in all|i mean|how often does|by default|all together|what is up|i need|i want|\
    we need|we want|of the|in the|in each case|no problem|in question|for real|in particular|need a|\
    i need a|registered in|thank you|many thanks|thanks a lot|thanks in advance|you have|you got|so many|how come|\
    per se|as such|anywhere|and what was it|and what it was|at this point|i would like to know|could you tell me|can you tell me|\
    would you kindly|would you|to date|in aws";

/// Words that say nothing by themselves.
const NOISE: &str = "the a an is are was were there do does did we our us i me my of please have has had be been \
    his her hers he she your ours currently right at moment exist exists existing in on to from for with \
    using where can you could would want need know so one different whole entire belonging belongs belong \
    located hosted placed based type kind run runs ran value equal being named called here still as out if up \
    about into onto within during across am pls plz thx thanks thank hello hi hey dear cheers kindly quick \
    quickly question ok okay hmm well actually really simply basically presently nowadays already ever yet \
    when whenever how what's got get gets getting give gave given go come comes came look looking looks find \
    finding found check checking checked let lets try think guess wonder wondering curious interested \
    interesting help helping helps ask asking asks say says said tell telling told explain show showing \
    shows shown see seen saw seeing pull put puts take takes taken took keep keeps kept hold holds holding \
    held own owns owned sit sits sitting stand stands live lives living reside resides fall sort such very \
    quite much many few lot lots bunch possibly maybe perhaps probably roughly approximately approx \
    around circa some via through thru while both either ones thing things stuff item items entry entries \
    record records row data info information detail details result results answer answers figure figures \
    numbers amount amounts values may might must shall gimme wanna gonna lemme dont im ive id theres folks \
    guys team mate mates buddy everybody total exactly precisely merely anyhow anyway though although \
    however because second third marked flagged assigned associated attached linked related pertaining \
    concerning regarding respective responsible having recorded listed known observed set again urgently \
    asap soon mine we're i'm i'd i've we've it's that's there's you're they're we'd worldwide global \
    globally company organisation organization firm business 'd 'll 've made makes something anything \
    skydesk stuck deployed actual respectively involved concerned hanging lingering stored \
    affected provided whatsoever approximate rough exact precise reported counted measured kinda sorta gb \
    gib tb gigabytes part parts far else otherwise furthermore moreover good morning afternoon evening \
    remain remains remaining left happen happens occur occurs occurred place needs needed wants wanted \
    require requires required love among amongst gotten lying atm afaik btw fyi imo rn up-to-date real chart \
    graph plot diagram bar pie overview summary summarise summarize summaries analysis analyse analyze \
    statistic statistics stats ah oh uh um er yes yeah yep nope sure great nice cool fine perfect whatever \
    whichever currently's accordingly how's where's when's who've who'd able doing haves theirs 'em em \
    above-mentioned aforementioned particular specific certain thingy thingies whos";

/// Words that say nothing by themselves, and runs of words that say nothing although each of them may.
pub(in crate::questions::link) fn noise() -> impl Iterator<Item = &'static str> {
    NOISE.split_whitespace().chain(SILENT.split('|'))
}
