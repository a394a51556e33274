//! Two texts → a unified diff, as diff(1) writes it and patch(1) reads it.

use similar::{Algorithm, DiffOp, capture_diff_slices, group_diff_ops};

/// Lines that are shown around a change.
const AROUND: usize = 3;

/// How `old` becomes `new`, both of them the text of the file `name`; empty where they are the
/// same.
pub(super) fn unified(name: &str, old: &[u8], new: &[u8], color: bool) -> Vec<u8> {
    let (old, new) = (lines(old), lines(new));
    let changes = capture_diff_slices(Algorithm::Myers, &old, &new);
    let mut page = Page {
        out: Vec::new(),
        color,
    };
    for hunk in group_diff_ops(changes, AROUND) {
        let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else {
            continue;
        };
        if page.out.is_empty() {
            page.head("1", &format!("--- {name}"));
            page.head("1", &format!("+++ {name}"));
        }
        let before = range(first.old_range().start, last.old_range().end);
        let after = range(first.new_range().start, last.new_range().end);
        page.head("36", &format!("@@ -{before} +{after} @@"));
        for change in &hunk {
            if let DiffOp::Equal { .. } = change {
                page.body(" ", None, &old[change.old_range()]);
                continue;
            }
            page.body("-", Some("31"), &old[change.old_range()]);
            page.body("+", Some("32"), &new[change.new_range()]);
        }
    }
    page.out
}

/// Each with its end.
fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|byte| *byte == b'\n').collect()
}

/// Where a hunk stands, from 1; one without lines stands behind the line it names.
fn range(start: usize, end: usize) -> String {
    match end - start {
        0 => format!("{start},0"),
        1 => format!("{}", start + 1),
        length => format!("{},{length}", start + 1),
    }
}

struct Page {
    out: Vec<u8>,
    color: bool,
}

impl Page {
    fn head(&mut self, hue: &str, text: &str) {
        self.painted(Some(hue), &[text.as_bytes()]);
        self.out.push(b'\n');
    }

    fn body(&mut self, sign: &str, hue: Option<&str>, lines: &[&[u8]]) {
        for line in lines {
            let (text, whole) = match line.strip_suffix(b"\n") {
                Some(text) => (text, true),
                None => (*line, false),
            };
            self.painted(hue, &[sign.as_bytes(), text]);
            self.out.push(b'\n');
            if !whole {
                self.out
                    .extend_from_slice(b"\\ No newline at end of file\n");
            }
        }
    }

    fn painted(&mut self, hue: Option<&str>, parts: &[&[u8]]) {
        let hue = hue.filter(|_| self.color);
        if let Some(hue) = hue {
            self.out
                .extend_from_slice(format!("\x1b[{hue}m").as_bytes());
        }
        self.out.extend(parts.concat());
        if hue.is_some() {
            self.out.extend_from_slice(b"\x1b[0m");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(old: &str, new: &str) -> String {
        String::from_utf8(unified("k.conf", old.as_bytes(), new.as_bytes(), false)).unwrap()
    }

    #[test]
    fn texts_that_are_the_same_show_nothing() {
        assert_eq!(shown("a\nb\n", "a\nb\n"), "");
        assert_eq!(shown("", ""), "");
    }

    #[test]
    fn a_change_is_shown_with_three_lines_around_it() {
        let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        let want = "\
--- k.conf
+++ k.conf
@@ -2,7 +2,7 @@
 2
 3
 4
-5
+five
 6
 7
 8
";
        assert_eq!(shown(old, &old.replace('5', "five")), want);
    }

    #[test]
    fn an_end_without_newline_and_a_lone_carriage_return_are_text() {
        let want = "\
--- k.conf
+++ k.conf
@@ -1 +1 @@
-a\rb
+a
\\ No newline at end of file
";
        assert_eq!(shown("a\rb\n", "a"), want);
        assert_eq!(
            shown("", "a\n"),
            "--- k.conf\n+++ k.conf\n@@ -0,0 +1 @@\n+a\n"
        );
    }

    #[test]
    fn a_terminal_gets_colours() {
        let text = unified("k.conf", b"a\n", b"b\n", true);
        let text = String::from_utf8(text).unwrap();
        assert!(
            text.contains("\x1b[31m-a\x1b[0m\n\x1b[32m+b\x1b[0m\n"),
            "{text}"
        );
    }
}
