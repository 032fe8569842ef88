//! `sasl.jaas.config`: the login module that a Java client is given, and its options.
//!
//! `org.apache...PlainLoginModule required username="alice" password="secret";`

use std::collections::BTreeMap;

/// A login module with its options. Has no `Debug`: the options hold a password.
pub(super) struct LoginModule {
    /// Name of the Java class, without its package.
    pub(super) class: String,
    /// The options.
    pub(super) options: BTreeMap<String, String>,
}

/// Reads the first login module; `None` if the text is not in the form above.
pub(super) fn parse(text: &str) -> Option<LoginModule> {
    let (class, rest) = text.trim_start().split_once(char::is_whitespace)?;
    let (flag, mut rest) = rest.trim_start().split_once(char::is_whitespace)?;
    let flags = ["required", "requisite", "sufficient", "optional"];
    flags.iter().any(|known| flag.eq_ignore_ascii_case(known)).then_some(())?;
    let mut options = BTreeMap::new();
    loop {
        rest = rest.trim_start();
        if rest.starts_with(';') {
            break;
        }
        let (key, after) = rest.split_once('=')?;
        let (value, after) = parse_value(after.trim_start())?;
        options.insert(key.trim_end().to_owned(), value);
        rest = after;
    }
    let class = class.rsplit('.').next().unwrap_or(class).to_owned();
    Some(LoginModule { class, options })
}

/// Reads a value, quoted or bare, and gives what follows it.
fn parse_value(text: &str) -> Option<(String, &str)> {
    let Some(quote) = text.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
        let end = text.find(|c: char| c == ';' || c.is_whitespace())?;
        let (value, rest) = text.split_at(end);
        return (!value.is_empty()).then(|| (value.to_owned(), rest));
    };
    let mut value = String::new();
    let mut characters = text.char_indices().skip(1);
    while let Some((index, character)) = characters.next() {
        match character {
            '\\' => value.push(characters.next()?.1),
            end if end == quote => return Some((value, text.get(index + 1..)?)),
            other => value.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(text: &str) -> Option<Vec<(String, String)>> {
        parse(text).map(|module| module.options.into_iter().collect())
    }

    fn pair(key: &str, value: &str) -> (String, String) {
        (key.to_owned(), value.to_owned())
    }

    #[test]
    fn the_module_and_its_options_are_read() {
        let text = "org.apache.kafka.common.security.plain.PlainLoginModule required\n  \
                    username=\"al;ice\" password='a\\'b\"=c';";
        assert_eq!(parse(text).map(|module| module.class).as_deref(), Some("PlainLoginModule"));
        let expected = [pair("password", "a'b\"=c"), pair("username", "al;ice")];
        assert_eq!(options(text).as_deref(), Some(&expected[..]));
        let expected = [pair("a", "b"), pair("c", "d")];
        assert_eq!(options("M required a=b c = d;").as_deref(), Some(&expected[..]));
        assert_eq!(options("M required ;"), Some(Vec::new()));
    }

    #[test]
    fn what_is_no_login_module_is_refused() {
        for text in [
            "",
            "M",
            "M required",
            "M perhaps a=b;",
            "M required a;",
            "M required a=b",
            "M required a=\"b;",
            "M required a=\"b\\",
        ] {
            assert!(parse(text).is_none(), "{text}");
        }
    }
}
