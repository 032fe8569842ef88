//! Points in time as the command line gives them: `--to-datetime` and `--by-duration`.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use regex::Regex;

/// Parses `YYYY-MM-DDThh:mm:ss[.fff]`, followed by a zone (`Z`, `+02`, `+02:00`) or by nothing,
/// which means UTC. Answers milliseconds since the Unix epoch.
pub(crate) fn parse_datetime(text: &str) -> Result<i64, String> {
    let with_zone = text.parse::<Timestamp>();
    let timestamp = with_zone.or_else(|_| {
        text.parse::<DateTime>()
            .and_then(|datetime| datetime.to_zoned(TimeZone::UTC))
            .map(|zoned| zoned.timestamp())
    });
    timestamp
        .map(Timestamp::as_millisecond)
        .map_err(|_| "expected YYYY-MM-DDThh:mm:ss.sss, with a zone or in UTC".to_owned())
}

static DURATION: LazyLock<Regex> = LazyLock::new(|| {
    let number = "([-+]?[0-9]+)";
    let pattern = format!(
        "^(?i)([-+])?P(?:{number}D)?(T(?:{number}H)?(?:{number}M)?(?:{number}(?:[.,]([0-9]{{0,9}}))?S)?)?$"
    );
    Regex::new(&pattern).expect("the pattern is a constant")
});

/// Parses an ISO 8601 duration of days and smaller units, `PnDTnHnMn.nS`, as Java's
/// `Duration.parse` does: every number may have a sign, and so may the whole. A day has 24 hours.
/// Answers milliseconds, rounded down; the duration may be negative.
pub(crate) fn parse_duration(text: &str) -> Result<i64, String> {
    let malformed = || "expected an ISO 8601 duration such as P1DT2H30M or PT90S".to_owned();
    let captures = DURATION.captures(text).ok_or_else(malformed)?;
    let part = |index: usize| captures.get(index).map(|part| part.as_str());

    let empty_time = part(3).is_some_and(|time| time.eq_ignore_ascii_case("T"));
    let units = [(2, 86_400_000), (4, 3_600_000), (5, 60_000), (6, 1_000)];
    if empty_time || units.iter().all(|(index, _)| part(*index).is_none()) {
        return Err(malformed());
    }

    let mut total_ms: i128 = 0;
    for (index, unit_ms) in units {
        if let Some(number) = part(index) {
            total_ms += i128::from(number.parse::<i64>().map_err(|_| malformed())?) * unit_ms;
        }
    }
    let fraction_ms = part(7).map_or(0, fraction_ms);
    total_ms +=
        if part(6).is_some_and(|n| n.starts_with('-')) { -fraction_ms } else { fraction_ms };
    if part(1) == Some("-") {
        total_ms = -total_ms;
    }
    i64::try_from(total_ms).map_err(|_| "the duration is too long".to_owned())
}

/// The first three of the digits after a decimal point, as milliseconds.
fn fraction_ms(digits: &str) -> i128 {
    let weights = [100, 10, 1];
    digits.bytes().zip(weights).map(|(digit, weight)| i128::from(digit - b'0') * weight).sum()
}

#[cfg(test)]
mod tests {
    use super::{parse_datetime, parse_duration};

    #[test]
    fn a_datetime_without_a_zone_is_in_utc() {
        assert_eq!(parse_datetime("1970-01-01T00:00:00.000"), Ok(0));
        assert_eq!(parse_datetime("1970-01-02T00:00:01.250"), Ok(86_401_250));
        assert_eq!(parse_datetime("1970-01-02T00:00:01"), Ok(86_401_000));
    }

    #[test]
    fn a_datetime_with_a_zone_is_in_that_zone() {
        assert_eq!(parse_datetime("1970-01-01T00:00:00.000Z"), Ok(0));
        assert_eq!(parse_datetime("1970-01-01T02:00:00.000+02:00"), Ok(0));
        assert_eq!(parse_datetime("1970-01-01T02:00:00.000+02"), Ok(0));
        assert_eq!(parse_datetime("1969-12-31T16:30:00.000-0730"), Ok(0));
    }

    #[test]
    fn a_datetime_that_does_not_exist_is_refused() {
        for text in ["", "now", "2026-13-01T00:00:00.000", "2026-02-30T00:00:00", "T00:00:00"] {
            assert!(parse_datetime(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_duration_adds_its_units_up() {
        assert_eq!(parse_duration("P1D"), Ok(86_400_000));
        assert_eq!(parse_duration("PT1H"), Ok(3_600_000));
        assert_eq!(parse_duration("p1dt2h3m4.5s"), Ok(93_784_500));
        assert_eq!(parse_duration("PT0.0019S"), Ok(1));
        assert_eq!(parse_duration("PT1,25S"), Ok(1_250));
        assert_eq!(parse_duration("P0D"), Ok(0));
    }

    #[test]
    fn signs_count_in_front_of_a_number_and_of_the_whole() {
        assert_eq!(parse_duration("-PT1H"), Ok(-3_600_000));
        assert_eq!(parse_duration("PT-5M"), Ok(-300_000));
        assert_eq!(parse_duration("-PT-5M"), Ok(300_000));
        assert_eq!(parse_duration("PT-0.5S"), Ok(-500));
        assert_eq!(parse_duration("+P1DT-1H"), Ok(82_800_000));
    }

    #[test]
    fn what_java_refuses_as_a_duration_is_refused() {
        for text in ["", "P", "PT", "P1DT", "P1W", "P1Y", "1H", "PT1H ", "PT99999999999999999999S"]
        {
            assert!(parse_duration(text).is_err(), "{text:?}");
        }
        assert!(parse_duration("P9223372036854775807D").is_err(), "overflow");
    }
}
