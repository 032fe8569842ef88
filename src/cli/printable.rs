//! What text from elsewhere may do to a terminal: nothing.
//!
//! Control characters, characters that change the direction of text, and bytes that are not UTF-8
//! are written as escapes: `\x1b`, `\u{202e}`, `\xff`. Backslashes stay single: the output is for
//! eyes, not for parsing.

/// Appends a payload in a form that no terminal takes for a command. Tabs and line feeds stay.
pub fn put_payload(output: &mut Vec<u8>, payload: &[u8]) {
    put(output, payload, &['\t', '\n']);
}

/// A cell of a table: one line, in a form that no terminal takes for a command.
pub fn cell(text: &str) -> String {
    let mut output = Vec::with_capacity(text.len());
    put(&mut output, text.as_bytes(), &[]);
    String::from_utf8_lossy(&output).into_owned()
}

fn put(output: &mut Vec<u8>, bytes: &[u8], kept: &[char]) {
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                _ if kept.contains(&character) => output.push(character as u8),
                '\t' | '\n' | '\r' => output.extend(character.escape_default().map(|c| c as u8)),
                _ if character.is_ascii_control() => put_byte(output, character as u8),
                _ if character.is_control() || changes_direction(character) => {
                    output.extend(character.escape_unicode().map(|c| c as u8));
                }
                _ => output.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        chunk.invalid().iter().for_each(|byte| put_byte(output, *byte));
    }
}

fn put_byte(output: &mut Vec<u8>, byte: u8) {
    output.extend_from_slice(format!("\\x{byte:02x}").as_bytes());
}

/// Whether a character overrides or isolates the direction of the text around it, or splits lines
/// as a line feed does.
fn changes_direction(character: char) -> bool {
    matches!(
        character,
        '\u{061c}'
            | '\u{200e}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payload(bytes: &[u8]) -> String {
        let mut output = Vec::new();
        put_payload(&mut output, bytes);
        String::from_utf8(output).unwrap()
    }

    #[test]
    fn text_stays_as_it_is() {
        let text = "a\tb\nc \\ \"ü\" 漢字 🚲";
        assert_eq!(payload(text.as_bytes()), text);
        assert_eq!(cell("c \\ \"ü\" 漢字 🚲"), "c \\ \"ü\" 漢字 🚲");
    }

    #[test]
    fn a_cell_is_one_line() {
        assert_eq!(cell("a\tb\nc\r"), r"a\tb\nc\r");
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(payload(b"\x1b[31m\x07\x00\x7f\r"), r"\x1b[31m\x07\x00\x7f\r");
        assert_eq!(payload("\u{9b}1m".as_bytes()), r"\u{9b}1m");
    }

    #[test]
    fn text_cannot_be_turned_around() {
        assert_eq!(payload("a\u{202e}b\u{2066}c".as_bytes()), r"a\u{202e}b\u{2066}c");
    }

    #[test]
    fn bytes_that_are_not_utf_8_are_shown_in_hexadecimal() {
        assert_eq!(payload(b"a\xff\xc3b"), r"a\xff\xc3b");
    }
}
