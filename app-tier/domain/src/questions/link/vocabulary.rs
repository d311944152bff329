//! The words that belong to no entity: those that carry a question's shape, those that name a grain of time, and
//! ([`plain`]) those that say nothing.

mod light;
mod plain;

use contract::query::{Aggregate, Grain, Op};

pub(super) use self::{light::light, plain::noise};
use super::Keyword;
pub(crate) use plain::canonical;

/// Words that carry the question's shape, each kind's joined by bars.
pub(super) const KEYWORDS: &[(&str, Keyword)] = &[
    (
        "how many|number of|the number of|count|count of|how many of|total number of|quantity of|no of|nr of|\
         num of|number|total count of|counts of|count up|headcount of|tally|tally of|count for|counts|\
         in number|how many such|the count|total count|howmany|amount of|what number of|overall number of|\
         headcount|how many are",
        Keyword::HowMany,
    ),
    ("how much|how much money|what amount|how much do|how much did", Keyword::HowMuch),
    (
        "list|show|show me|give me|find|display|get|list all|tell me|see|view|list of|give us|show us|\
         pull up|pull|fetch|print|output|bring up|look up|lookup|table of|get me|i need a list of|\
         overview of|enumerate|list out|send me|details of|details for|details on|info on|info about|\
         information on|information about|everything about|report on|find me|return|identify|\
         kindly share|please share|pls share|plz share|share list of|share the list|can you share|could you share|share with me|share the list of|share a list of",
        Keyword::List,
    ),
    ("which|what|whats|when|where|what are|which are|which ones|what kind of|what kinds of", Keyword::Which),
    ("who|whose|whom|anyone|anybody|someone|somebody|who all", Keyword::Who),
    (
        "is there|are there|is there any|are there any|do we have any|have we got any|any|is any|\
         were there any|was there any|has any|did any|do any|does any|have any|was there|were there|anything|\
         has anything|did anything",
        Keyword::Any,
    ),
    ("average|avg|mean|on average|averaged|averages|typical", Keyword::Figure(Aggregate::Average)),
    (
        "sum|sum of|total|combined|overall|in total|totals|altogether|grand total|summed|\
         summed up|added up|aggregate|sums|sum up|total of|together|total amount of|\
         overall total",
        Keyword::Figure(Aggregate::Sum),
    ),
    ("minimum|min|shortest", Keyword::Figure(Aggregate::Minimum)),
    ("maximum|max|peak|longest|maximal", Keyword::Figure(Aggregate::Maximum)),
    (
        "different|unique|distinct|individual|how many different|how many unique|how many distinct|\
         number of different|number of distinct|number of unique|unique number of|distinct number of|\
         distinct count of|unique count of|how many individual",
        Keyword::Distinct,
    ),
    (
        "by|per|for each|for every|in each|in every|grouped by|group by|broken down by|split by|breakdown by|\
         distribution by|on each|of every|on every|across|across all|break down by|breakdown per|\
         split per|split out by|segmented by|divided by|distributed over|distributed across|spread over|\
         spread across|sliced by|according to|aggregated by|across the|across our|split up by|broken out by|\
         subdivided by|categorised by|categorized by|split into|group them by|grouped per|broken down per|\
         with a breakdown by|broken down into|classified by|summarised by|summarized by|totals by|by each|\
         per each|organised by|organized by|group it by|split it by|break it down by|break that down by|\
         split that by|break them down by|split them by|summed by|counted by|arranged by|for each of the|\
         for all|broken by",
        Keyword::By,
    ),
    ("each|every|respective", Keyword::Each),
    (
        "breakdown of|breakdown|distribution of|distribution|split of|break down|mix of|breakdown for|\
         composition of|mix|split up|spread of|break down of|break down of the",
        Keyword::Breakdown,
    ),
    (
        "most|the most|largest|biggest|highest|greatest|largest number of|highest number of|\
         greatest number of|biggest number of|largest amount of|most of|best|heaviest|most expensive|\
         costliest|priciest|dearest|most costly|most active|busiest|highest count of|most common|\
         most popular|most frequent|most frequently|most used|most often|largest share of|fullest|leading|\
         the highest|the biggest|the largest|largest count of|heavy|the greatest number of|\
         the highest number of|the largest number of|highest total|largest total|biggest total|\
         maximum number of|commonest|most numerous",
        Keyword::Most,
    ),
    (
        "fewest|the fewest|least|the least|smallest|lowest|smallest number of|lowest number of|cheapest|\
         least expensive|least active|least used|least common|least often|fewest number of|the smallest|\
         the lowest|least costly|lowest count of|minimum number of|rarest",
        Keyword::Fewest,
    ),
    ("top|the top|first|the first|at the head|at the very top|on the top|leading the list", Keyword::Top),
    ("bottom|the bottom", Keyword::Bottom),
    (
        "latest|most recent|newest|last|recent|most recently|youngest|very last|recently|the last",
        Keyword::Latest,
    ),
    (
        "oldest|earliest|longest ago|longest time ago|the longest time ago|the longest ago|the earliest|very first|the longest",
        Keyword::Oldest,
    ),
    (
        "highest first|biggest first|largest first|most first|most expensive first|descending|desc|downwards|\
         fullest first|in descending order|from highest to lowest|high to low|from high to low|\
         largest on top|biggest on top|top down|highest on top|costliest first|busiest first|\
         from most to least|worst first|largest to smallest|highest to lowest|biggest to smallest|\
         biggest saving first|biggest savings first|highest saving first|largest saving first|\
         highest savings first|highest cost first|most at the top|biggest ones first|highest at the top|\
         most frequent first|most common first|longest on top|priciest first|dearest first",
        Keyword::Sorted(true),
    ),
    (
        "lowest first|smallest first|cheapest first|ascending|asc|fewest first|in ascending order|\
         least first|from lowest to highest|low to high|lowest to highest|smallest to largest|lowest on top",
        Keyword::Sorted(false),
    ),
    (
        "newest first|latest first|most recent first|newest on top|latest on top|newest to oldest|\
         recent first|reverse chronological|newest at the top|latest at the top|most recent on top|last first",
        Keyword::Dated(true),
    ),
    (
        "oldest first|earliest first|oldest on top|chronologically|in chronological order|oldest to newest|\
         longest first|longest unused first",
        Keyword::Dated(false),
    ),
    (
        "sorted by|ordered by|order by|sort by|ranked by|rank by|sorted on|ordered on|sorted according to|\
         sorted|ordered|ranked|rank|sort|sort them by|order them by|ranking of|ranking by|ranking",
        Keyword::Sort,
    ),
    (
        "at least|minimum of|no less than|not less than|a minimum of|min of|no fewer than|not fewer than|\
         nothing less than|nothing under|nothing below",
        Keyword::Compare(Op::AtLeast),
    ),
    (
        "at most|up to|no more than|not more than|maximum of|a maximum of|max of|not over|not exceeding",
        Keyword::Compare(Op::AtMost),
    ),
    (
        "more than|over|above|greater than|bigger than|larger than|exceeding|higher than|exceeds|exceed|\
         exceeded|beyond|upwards of|in excess of|longer than|older than|topped|surpassed|went above|\
         went over|went past|goes past|gone past|crossed|better than|above the|is over|is above|north of|more often than",
        Keyword::Compare(Op::MoreThan),
    ),
    (
        "less than|under|below|smaller than|fewer than|lower than|shorter than|beneath|younger than|not even|\
         cheaper than|less often than",
        Keyword::Compare(Op::LessThan),
    ),
    ("exactly|equal to|equals|precisely|equalling|equaling", Keyword::Compare(Op::Is)),
    (
        "or more|or higher|or above|or greater|or bigger|and more|and above|plus|or larger|and up|or longer|\
         and over|or over|upwards|or better|or more often|at minimum",
        Keyword::After(Op::AtLeast),
    ),
    (
        "or less|or fewer|or lower|or smaller|or below|or under|and below|and under|or shorter|at the most|tops",
        Keyword::After(Op::AtMost),
    ),
    ("between", Keyword::Between),
    ("and|as well as|along with|and also|together with|but|and then", Keyword::And),
    ("or|and/or", Keyword::Or),
    (
        "not|except|excluding|other than|isn't|aren't|arent|are not|is not|not in|outside|outside of|except for|\
         but not|apart from|besides|aside from|minus|ignoring|leaving out|not on|excl|anything but|\
         everything but|all but|anywhere but|anywhere except|don't|doesn't|do not|does not|haven't|hasn't|have not|has not|not yet|\
         neither|nor|didn't|did not|was not|wasn't|weren't|were not|no longer|never|omit|omitting|exclude|\
         leave out|not counting|not including|ignore|cannot|nobody|nobody has|no one|no one has|noone|\
         nobody ever|with the exception of|hadn't|not been|leaving|leave|keeping out|skipping|do not use|don't use|doesn't use|not using|another than|an other than|in another",
        Keyword::Not,
    ),
    (
        "left out|excluded|excepted|not counted|not included|ignored|aside|put aside|set aside|out",
        Keyword::LeftOut,
    ),
    (
        "without|no|lacking|missing|without any|without a|without an|lack|lacks|have no|has no|with no|miss|\
         having no|don't have a|do not have a|don't have an|don't have any|does not have a|doesn't have a|\
         no such|with empty|with blank|with missing|don't have|doesn't have|do not have|does not have|w/o|\
         have not got|haven't got",
        Keyword::Without,
    ),
    (
        "with any|that have|which have|having a|having an|with a|with an|that has a|have a|have an|has a|\
         has an|carrying a|carry a|that carry a|having|that have a|with some|that have an|carrying",
        Keyword::With,
    ),
    (
        "blank|empty|not set|unset|not filled|is missing|are missing|not filled in|null|is empty|is blank",
        Keyword::Blank,
    ),
    ("is set|filled in|is filled|present|not empty|set", Keyword::Filled),
    (
        "vs|versus|against|compared to|compared with|compare to|compare with|relative to|as opposed to|\
         in comparison to|in comparison with|compares to|compares with|comparing to|than|measured against|\
         set against|up on|up from|down from",
        Keyword::Versus,
    ),
    (
        "compare|comparison|comparison of|difference between|difference|comparing|delta|delta between|\
         a comparison of|variation of|variation|yoy|year over year|year on year|month over month|mom|week over week|quarter over quarter|quarter on quarter|month on month|week on week|qoq|compare that|compare it|put next to",
        Keyword::Comparison,
    ),
    (
        "went up|gone up|increased|increase|increases|rose|risen|rise|grew|grown|growth|climbed|jumped|\
         going up|increasing|rising|more expensive|goes up|go up|growing|gained|jump|biggest increase|\
         largest increase|highest increase|biggest rise|most growth|spiked|shot up|biggest jump",
        Keyword::Moved(true),
    ),
    (
        "went down|gone down|decreased|decrease|decreases|fell|fallen|fall|dropped|drop|drops|shrank|shrunk|\
         declined|decline|reduced|reduction|go down|biggest drop|largest decrease|biggest decrease|\
         going down|sank|came down",
        Keyword::Moved(false),
    ),
    ("changed|change|develop|developed|evolved|evolve|move|moved", Keyword::Developed),
    (
        "containing|contains|contain|mentioning|mentions|mention|includes the word|including the text|\
         matching|like|contains the word|containing the word|with the word|that says|that mention|mentioned|\
         include the word|starting with|starts with|start with|begins with|beginning with|ending with|\
         ends with|named like|called like|with the text|including the word|reads like|\
         speaks of|speak of|speaking of|refers to|refer to|referring to|contain the word|says something with|\
         says something about|talks about|have the word|has the word|with the letters",
        Keyword::Contains,
    ),
    (
        "in the name|in its name|in their name|in the title|in their names|in it|in them|in there",
        Keyword::InTheName,
    ),
    (
        "what percentage of|what share of|percentage of|share of|percent of|proportion of|fraction of|\
         what fraction of|what part of|what percent of|pct of|share|percentage|percent|pct|in percent|\
         as a percentage|as percentage|as percentages|in pct|proportion|what pct of|what proportion of|\
         portion of|what portion of|how many percent of|as a percentage of|percentages|shares|ratio of|\
         relative share|shares of|percentage share|percentagewise|the share of|the percentage of|\
         how big a share of|how large a share of|as percent|in percentages|ratio|percentage of the|\
         as a share|as shares|rate|rates|percentual|per cent|per cent of|in per cent|what per cent of|\
         how large a part of|how much of|part of|by how many percent|by how many per cent|by what percent|\
         by what percentage",
        Keyword::Share,
    ),
    (
        "comes from|come from|goes to|go to|went to|is due to|due to|coming from|caused by|falls on|\
         stems from|going to|is from|accounted for by|fell on|fell to|is spent on|spent on|made up by|is caused by|came from|\
         belongs to|falls to|attributable to|is only|is just|goes into|goes on",
        Keyword::PartIs,
    ),
    (
        "over time|trend|trends|evolution|timeline|trending|history of|trendline|time series|\
         development over time|development of|progression|as a trend|curve",
        Keyword::OverTime,
    ),
    (
        "what about|how about|and what about|same for|the same for|and for|same but|same thing for|now for|\
         same|and now|same again for|do the same for|the same but|same with|and the same for|\
         same question for|now|what if|then|ok and|okay and|same again|the same",
        Keyword::FollowUp,
    ),
    ("instead|instead of that|this time", Keyword::Instead),
    ("instead of|rather than|in place of|instead of by", Keyword::InsteadOf),
    (
        "only|just|only the|just the|restrict to|limit to|limited to|restricted to|narrow to|narrow down to|\
         filter to|filter by|filter on|only those|just those|only show|limit it to|narrow it down to|\
         keep only|filtered by|solely|exclusively",
        Keyword::Only,
    ),
    (
        "that|those|these|them|it|this|they|of them|of those|of these|their|its|all that|all of that",
        Keyword::It,
    ),
    ("the ones|ones|of which|the one", Keyword::Ones),
    ("make it|make that|change it to|change that to|turn it into|make them|switch to|use", Keyword::Make),
    ("remove|drop the|forget|forget the|clear|leave off|skip|skip the|drop all|dropping", Keyword::Drop),
    (
        "add|add the|including|incl|include|with their|plus the|with its|together with their|and their|showing|\
         also show|display also|and show",
        Keyword::Also,
    ),
    ("also|too|as well|additionally|in addition|on top of that|on top", Keyword::Too),
    ("more|higher", Keyword::More(true)),
    ("less|fewer|lower", Keyword::More(false)),
    (
        "how many of each|how much of each|how many each|how much each|in each case separately|separately|separated|separate|individually|of each|each of them|each of those|for each of them|one by one|\
         side by side|head to head|apiece|for each one|of each one|each one|split|each separately",
        Keyword::Separately,
    ),
    ("all|all the|all of|all of the|everything|any of|whole", Keyword::All),
    ("times", Keyword::Times),
    (
        "tagged|tagged with|tagged as|labelled|labeled|labelled with|tagged to|tagged for|with tag|\
         with the tag|tagging",
        Keyword::Tagged,
    ),
    (
        "the week before|the month before|week before|month before|the day before|day before|\
         the quarter before|the year before|quarter before|year before|previous period|the period before|\
         the one before|the previous period|prior period|the preceding month|the preceding week|\
         the previous one|the prior month|the one before that|the month before that|the week before that|\
         the prior week|the period before that|the same month last year|same month last year|\
         the same quarter last year|same quarter last year|the same period last year|same period last year|\
         the same week last year|same week last year|the same time last year|same time last year",
        Keyword::OneBefore,
    ),
];

/// Those that mean so only where nothing else has the word: "changed" is a verb of the change feed first.
pub(super) fn is_weak(keyword: Keyword) -> bool {
    matches!(
        keyword,
        Keyword::Developed
            | Keyword::Moved(_)
            | Keyword::Drop
            | Keyword::Make
            | Keyword::Times
            | Keyword::Filled
            | Keyword::PartIs
            | Keyword::Tagged
            | Keyword::More(_)
            | Keyword::Separately
    )
}

/// Words for the steps of a chart over time: as nouns after "by", and by themselves.
pub(super) const GRAINS: &[(&str, Grain, bool)] = &[
    ("hour", Grain::Hour, false),
    ("day", Grain::Day, false),
    ("date", Grain::Day, false),
    ("week", Grain::Week, false),
    ("wk", Grain::Week, false),
    ("month", Grain::Month, false),
    ("mth", Grain::Month, false),
    ("quarter", Grain::Quarter, false),
    ("qtr", Grain::Quarter, false),
    ("year", Grain::Year, false),
    ("calendar week", Grain::Week, false),
    ("calendar month", Grain::Month, false),
    ("billing month", Grain::Month, false),
    ("hour of the day", Grain::Hour, false),
    ("hourly", Grain::Hour, true),
    ("hour by hour", Grain::Hour, true),
    ("an hour", Grain::Hour, true),
    ("daily", Grain::Day, true),
    ("day by day", Grain::Day, true),
    ("a day", Grain::Day, true),
    ("single day", Grain::Day, true),
    ("a single day", Grain::Day, true),
    ("per diem", Grain::Day, true),
    ("on a daily basis", Grain::Day, true),
    ("day to day", Grain::Day, true),
    ("weekly", Grain::Week, true),
    ("week by week", Grain::Week, true),
    ("a week", Grain::Week, true),
    ("on a weekly basis", Grain::Week, true),
    ("monthly", Grain::Month, true),
    ("month by month", Grain::Month, true),
    ("a month", Grain::Month, true),
    ("on a monthly basis", Grain::Month, true),
    ("quarterly", Grain::Quarter, true),
    ("quarter by quarter", Grain::Quarter, true),
    ("a quarter", Grain::Quarter, true),
    ("yearly", Grain::Year, true),
    ("annually", Grain::Year, true),
    ("annual", Grain::Year, true),
    ("year by year", Grain::Year, true),
    ("a year", Grain::Year, true),
];

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::questions::words::squash;

    #[test]
    fn no_name_is_two_keywords() {
        let mut named: HashMap<String, Keyword> = HashMap::new();
        for (texts, keyword) in KEYWORDS {
            for text in texts.split('|') {
                let earlier = named.insert(squash(text), *keyword);
                assert!(earlier.is_none_or(|it| it == *keyword), "{text} is {keyword:?} and {earlier:?}");
            }
        }
    }

    #[test]
    fn every_name_has_letters() {
        // A name of signs alone would be found in every article that nothing follows.
        let keywords = KEYWORDS.iter().flat_map(|it| it.0.split('|'));
        assert!(keywords.chain(noise()).all(|it| !squash(it).is_empty()));
    }
}
