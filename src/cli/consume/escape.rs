//! What a payload may do to a terminal: nothing.
//!
//! Control characters (except tab and line feed), characters that change the direction of text,
//! and bytes that are not UTF-8 are written as escapes: `\x1b`, `\u{202e}`, `\xff`. Backslashes
//! stay single: the output is for eyes, not for parsing.

/// Appends `bytes` in a form that no terminal takes for a command.
pub(super) fn put_escaped(output: &mut Vec<u8>, bytes: &[u8]) {
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\r' => output.extend_from_slice(b"\\r"),
                '\t' | '\n' => output.push(character as u8),
                _ if character.is_ascii_control() => put_byte(output, character as u8),
                _ if character.is_control() || changes_direction(character) => {
                    output.extend_from_slice(character.escape_unicode().to_string().as_bytes());
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

    fn escaped(bytes: &[u8]) -> String {
        let mut output = Vec::new();
        put_escaped(&mut output, bytes);
        String::from_utf8(output).unwrap()
    }

    #[test]
    fn text_stays_as_it_is() {
        let text = "a\tb\nc \\ \"ü\" 漢字 🚲";
        assert_eq!(escaped(text.as_bytes()), text);
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(escaped(b"\x1b[31m\x07\x00\x7f\r"), r"\x1b[31m\x07\x00\x7f\r");
        assert_eq!(escaped("\u{9b}1m".as_bytes()), r"\u{9b}1m");
    }

    #[test]
    fn text_cannot_be_turned_around() {
        assert_eq!(escaped("a\u{202e}b\u{2066}c".as_bytes()), r"a\u{202e}b\u{2066}c");
    }

    #[test]
    fn bytes_that_are_not_utf_8_are_shown_in_hexadecimal() {
        assert_eq!(escaped(b"a\xff\xc3b"), r"a\xff\xc3b");
    }
}
