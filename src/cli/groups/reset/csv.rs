//! The file format of `--export` and `--from-file`: one partition per line, no header.
//!
//! For one group a line is `topic,partition,offset`; for several groups the group comes first.
//! Fields stand in double quotes where Kafka's script quotes them, so that exports of both are
//! equal byte for byte.

use std::collections::BTreeMap;

use crate::client::partition::TopicPartition;

/// Offsets per partition, per group.
pub(crate) type OffsetsByGroup = BTreeMap<String, BTreeMap<TopicPartition, i64>>;

/// The script's CSV writer does not look inside longer values: it quotes them all.
const LONGEST_UNQUOTED: usize = 24;

/// A line that is not what the format says.
#[derive(Debug, PartialEq, thiserror::Error)]
#[error("line {line}: {problem}: {text:?}")]
pub(crate) struct MalformedLine {
    line: usize,
    problem: &'static str,
    text: String,
}

/// Writes `topic,partition,offset`, or `group,topic,partition,offset` if a group is given, and
/// the end of the line.
pub(crate) fn write_line(group: Option<&str>, partition: &TopicPartition, offset: i64) -> String {
    let group = group.map(|group| quoted_if_needed(group) + ",").unwrap_or_default();
    let topic = quoted_if_needed(&partition.topic);
    format!("{group}{topic},{},{offset}\n", partition.partition)
}

/// Reads a plan. With `only_group`, lines of three fields are that group's; without it, and if
/// the first line has four fields, each line names its group.
pub(crate) fn read_plan(
    text: &str,
    only_group: Option<&str>,
) -> Result<OffsetsByGroup, MalformedLine> {
    let mut plan = OffsetsByGroup::new();
    let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).peekable();
    let first_fields = lines.peek().and_then(|(_, line)| split(line)).map_or(0, |f| f.len());
    let default_group = only_group.filter(|_| first_fields == 3);

    for (index, line) in lines {
        let malformed = |problem| MalformedLine { line: index + 1, problem, text: line.to_owned() };
        let mut fields = split(line).ok_or_else(|| malformed("a quote is not closed"))?.into_iter();
        let group = match default_group {
            Some(group) => Some(group.to_owned()),
            None => fields.next(),
        };
        let (Some(group), Some(topic), Some(partition), Some(offset), None) =
            (group, fields.next(), fields.next(), fields.next(), fields.next())
        else {
            let expected = match default_group {
                Some(_) => "expected topic,partition,offset",
                None => "expected group,topic,partition,offset",
            };
            return Err(malformed(expected));
        };
        let partition =
            partition.trim().parse().map_err(|_| malformed("the partition is not a number"))?;
        let offset = offset.trim().parse().map_err(|_| malformed("the offset is not a number"))?;
        plan.entry(group).or_default().insert(TopicPartition::new(topic, partition), offset);
    }
    Ok(plan)
}

/// Quotes what the script's writer quotes: long values, and those with a character up to the
/// comma (which takes in the space, the quote and the line ends).
fn quoted_if_needed(field: &str) -> String {
    let plain = field.chars().count() <= LONGEST_UNQUOTED && field.chars().all(|c| c > ',');
    if plain { field.to_owned() } else { format!("\"{}\"", field.replace('"', "\"\"")) }
}

/// The fields of a line without their quotes; `None` if a quote is not closed.
fn split(line: &str) -> Option<Vec<String>> {
    let mut fields = Vec::new();
    let mut characters = line.chars().peekable();
    loop {
        let mut field = String::new();
        if characters.next_if_eq(&'"').is_some() {
            loop {
                match characters.next()? {
                    '"' if characters.next_if_eq(&'"').is_some() => field.push('"'),
                    '"' => break,
                    other => field.push(other),
                }
            }
        }
        while let Some(character) = characters.next_if(|c| *c != ',') {
            field.push(character);
        }
        fields.push(field);
        if characters.next().is_none() {
            return Some(fields);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{OffsetsByGroup, read_plan, write_line};
    use crate::client::partition::TopicPartition;

    fn partition(topic: &str, partition: i32) -> TopicPartition {
        TopicPartition::new(topic, partition)
    }

    fn plan(rows: &[(&str, &str, i32, i64)]) -> OffsetsByGroup {
        let mut plan = OffsetsByGroup::new();
        for (group, topic, index, offset) in rows {
            plan.entry((*group).to_owned()).or_default().insert(partition(topic, *index), *offset);
        }
        plan
    }

    #[test]
    fn quotes_appear_where_the_script_writes_them() {
        let line = |group, topic| write_line(group, &partition(topic, 0), 4);
        assert_eq!(line(None, "orders"), "orders,0,4\n");
        assert_eq!(line(Some("g"), "orders"), "g,orders,0,4\n");
        assert_eq!(line(Some("a,b"), "orders"), "\"a,b\",orders,0,4\n");
        assert_eq!(line(Some("a \"b\""), "orders"), "\"a \"\"b\"\"\",orders,0,4\n");
        assert_eq!(line(None, "exactly-24-characters---"), "exactly-24-characters---,0,4\n");
        assert_eq!(line(None, "more-than-24-characters--"), "\"more-than-24-characters--\",0,4\n");
    }

    #[test]
    fn three_fields_are_for_the_group_of_the_command_line() {
        let read = read_plan("orders,0,4\n\"long,topic\",12,7\r\n\n", Some("g"));
        assert_eq!(read, Ok(plan(&[("g", "orders", 0, 4), ("g", "long,topic", 12, 7)])));
    }

    #[test]
    fn four_fields_name_their_group_even_if_one_was_given() {
        let expected = plan(&[("a", "orders", 0, 4), ("b \"c\"", "orders", 1, 5)]);
        let text = "a,orders,0,4\n\"b \"\"c\"\"\",orders,1,5";
        assert_eq!(read_plan(text, Some("a")), Ok(expected.clone()));
        assert_eq!(read_plan(text, None), Ok(expected));
    }

    #[test]
    fn what_was_written_is_read_back() {
        for group in ["g", "a,b", "\"", " ", "ü,ß", "x".repeat(40).as_str()] {
            let line = write_line(Some(group), &partition("t", 3), -1);
            assert_eq!(read_plan(&line, None), Ok(plan(&[(group, "t", 3, -1)])), "{group:?}");
        }
    }

    #[test]
    fn a_malformed_line_is_named() {
        let error = |text, group| read_plan(text, group).unwrap_err().to_string();
        assert_eq!(
            error("orders,0,4\norders,zero,4", Some("g")),
            "line 2: the partition is not a number: \"orders,zero,4\""
        );
        assert_eq!(
            error("orders,0,4,5,6", Some("g")),
            "line 1: expected group,topic,partition,offset: \"orders,0,4,5,6\""
        );
        assert_eq!(
            error("orders,0,4\norders,0", Some("g")),
            "line 2: expected topic,partition,offset: \"orders,0\""
        );
        assert_eq!(
            error("\"orders,0,4", None),
            "line 1: a quote is not closed: \"\\\"orders,0,4\""
        );
        assert_eq!(
            error("g,orders,0,1e3", None),
            "line 1: the offset is not a number: \"g,orders,0,1e3\""
        );
    }

    #[test]
    fn an_empty_file_is_an_empty_plan() {
        assert_eq!(read_plan("", Some("g")), Ok(OffsetsByGroup::new()));
    }
}
