//! When a schedule fires, in words. Pure; what it has no words for stays a cron expression.

/// `7,22,37,52 * * * *` as `Every 15 minutes, from :07`.
pub(super) fn words(cron: &str) -> Option<String> {
    let fields: Vec<&str> = cron.split_whitespace().collect();
    let [minute, hour, "*", "*", weekday] = fields.as_slice() else { return None };
    let days = match *weekday {
        "*" => "day",
        "1-5" => "weekday",
        _ => return None,
    };
    let at_minute = one(minute, 60);
    match (*hour, at_minute) {
        ("*", None) if days == "day" => minutes(minute),
        ("*", Some(at)) if days == "day" => Some(format!("Every hour at :{at:02}")),
        (_, Some(at)) => match hour.strip_prefix("*/") {
            Some(step) if days == "day" => {
                let step = one(step, 24).filter(|it| *it > 1)?;
                Some(format!("Every {step} hours at :{at:02}"))
            }
            _ => Some(format!("Every {days} at {:02}:{at:02}", one(hour, 24)?)),
        },
        _ => None,
    }
}

/// Several times an hour.
fn minutes(field: &str) -> Option<String> {
    if field == "*" {
        return Some("Every minute".to_owned());
    }
    if let Some(step) = field.strip_prefix("*/") {
        let step = one(step, 60).filter(|it| *it > 1 && 60_u32.is_multiple_of(*it))?;
        return Some(format!("Every {step} minutes"));
    }
    let times: Vec<u32> = field.split(',').map(|it| one(it, 60)).collect::<Option<_>>()?;
    let first = *times.first()?;
    let gap = 60 / u32::try_from(times.len()).ok()?;
    let is_even = (0..).zip(&times).all(|(n, at)| *at == first + n * gap);
    if is_even && 60_u32.is_multiple_of(gap) {
        return Some(format!("Every {gap} minutes, from :{first:02}"));
    }
    let times: Vec<String> = times.iter().map(|it| format!(":{it:02}")).collect();
    Some(format!("Every hour at {}", times.join(", ")))
}

/// A plain number below `end`.
fn one(field: &str, end: u32) -> Option<u32> {
    field.parse().ok().filter(|it| *it < end)
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn usual_times_have_words() {
        for (cron, expected) in [
            ("* * * * *", "Every minute"),
            ("*/5 * * * *", "Every 5 minutes"),
            ("7,22,37,52 * * * *", "Every 15 minutes, from :07"),
            ("0,10,50 * * * *", "Every hour at :00, :10, :50"),
            ("5 * * * *", "Every hour at :05"),
            ("0 */4 * * *", "Every 4 hours at :00"),
            ("43 3 * * *", "Every day at 03:43"),
            ("30 7 * * 1-5", "Every weekday at 07:30"),
        ] {
            assert_eq!(words(cron).as_deref(), Some(expected), "{cron}");
        }
    }

    #[test]
    fn anything_else_is_left_as_it_is() {
        for cron in [
            "",
            "0 0 1 * *",
            "0 0 * * 0",
            "*/7 * * * *",
            "61 * * * *",
            "0 25 * * *",
            "*/5 * * * 1-5",
            "0 1,2 * * *",
        ] {
            assert_eq!(words(cron), None, "{cron}");
        }
    }
}
