use crate::conf::command;
use crate::conf::details::first;
use crate::conf::keyword::{Keyword, Kind};
use crate::conf::lowering::{Lowering, Taken};
use crate::conf::rules;
use crate::conf::tree::{Node, Word};
use crate::conf::value::Fault;
use crate::diag::{Diagnostic, Span};
use crate::model::check::{NoPattern, Pattern, Regex, RegexOptions, StatusSet, Url};
use crate::model::text::Text;

/// A `url` block as written.
#[derive(Debug, Default)]
pub(super) struct UrlLines {
    path: Text,
    digest: Option<[u8; 16]>,
    codes: Vec<(u16, u16)>,
    virtualhost: Option<Text>,
    regex: RegexLines,
    pub(super) tls_compliant: Option<bool>,
}

/// What is said of a pattern; nothing where there is none.
#[derive(Debug, Default)]
struct RegexLines {
    pattern: Option<(Text, Span)>,
    no_match: bool,
    options: RegexOptions,
    min_offset: Option<u64>,
    max_offset: Option<u64>,
    stack: Option<(u64, u64)>,
}

/// `None` where the page would be lost, which is a finding.
pub(super) fn read(to: &mut Lowering<'_>, kind: Kind, node: Node<'_>) -> Option<UrlLines> {
    let mut lines = UrlLines::default();
    let mut path = None;
    to.walk(kind, node.children(), |to, known, node| {
        if known.word == "path" {
            path = first(node);
            return Taken::Yes;
        }
        lines.line(to, known, node)
    });
    if path.is_none() && !super::says(node, "path") {
        let finding = Diagnostic::new(&rules::URL_WITHOUT_PATH, node.span(), "names no page")
            .note("keepalived drops it and fetches the others, if there are any")
            .help("add a line with path and the page, such as path /");
        to.report(finding.refuse());
    }
    lines.regex.judge(to);
    lines.path = path?;
    Some(lines)
}

impl UrlLines {
    fn line(&mut self, to: &mut Lowering<'_>, known: &'static Keyword, node: Node<'_>) -> Taken {
        match known.word {
            "digest" => self.digest(to, node),
            "status_code" => {
                for word in node.arguments() {
                    self.codes.extend(codes(to, &word));
                }
            }
            "virtualhost" => self.virtualhost = first(node),
            "tls_compliant" => self.tls_compliant = to.boolean(node).or(self.tls_compliant),
            _ => return self.regex.line(to, known, node),
        }
        Taken::Yes
    }

    fn digest(&mut self, to: &mut Lowering<'_>, node: Node<'_>) {
        let Some(word) = node.argument(0) else { return };
        if self.digest.is_some() {
            let finding = Diagnostic::new(&rules::GIVEN_TWICE, node.span(), "the second time")
                .note("keepalived ignores the line, and so does lvsctl");
            to.report(finding);
            return;
        }
        self.digest = digest(word.bytes);
        if self.digest.is_none() {
            let text = "expected an MD5 sum, 32 hexadecimal digits";
            to.fault(ignored(text, "any body passes, at keepalived too"), &word);
        }
    }

    /// `host` is what stands further outside.
    pub(super) fn lower(&self, host: Option<&Text>, tls_compliant: bool) -> Url {
        Url {
            path: self.path.clone(),
            virtualhost: self.virtualhost.as_ref().or(host).cloned(),
            server_name: None,
            tls_compliant,
            status: StatusSet::new(self.codes.clone()).unwrap_or_default(),
            digest: self.digest,
            regex: self.regex.lower(),
        }
    }
}

impl RegexLines {
    fn line(&mut self, to: &mut Lowering<'_>, known: &'static Keyword, node: Node<'_>) -> Taken {
        match known.word {
            "regex" => {
                let span = node.argument(0).map_or(node.span(), |word| word.span);
                let pattern = command::pattern(to, node).map(|pattern| (pattern, span));
                self.pattern = pattern.or(self.pattern.take());
            }
            "regex_no_match" => self.no_match = true,
            "regex_options" => {
                for word in node.arguments() {
                    // keepalived says nothing of a word it does not know.
                    let option = RegexOptions::named(word.text()).unwrap_or_default();
                    self.options = self.options.with(option);
                    for name in Pattern::lacking(option).names() {
                        to.not_yet(name, word.span);
                    }
                }
            }
            "regex_min_offset" => {
                let [offset] = sizes(to, node).unwrap_or_default();
                self.min_offset = offset.or(self.min_offset);
            }
            "regex_max_offset" => {
                let [offset] = sizes(to, node).unwrap_or_default();
                self.max_offset = offset.or(self.max_offset);
            }
            "regex_stack" => {
                let [start, most] = sizes(to, node).unwrap_or_default();
                let stack = start.zip(most).filter(|(start, most)| start <= most);
                self.stack = stack.or(self.stack);
            }
            _ => return Taken::No,
        }
        Taken::Yes
    }

    /// Whether PCRE2 can read the pattern.
    fn judge(&self, to: &mut Lowering<'_>) {
        let Some((regex, (_, span))) = self.lower().zip(self.pattern.as_ref()) else {
            return;
        };
        match Pattern::new(&regex) {
            // What options are lacking is said where they are named.
            Ok(_) | Err(NoPattern::Options(_)) => {}
            Err(NoPattern::NotUtf8(_)) => to.not_yet("a regex that is no UTF-8", *span),
            Err(why @ NoPattern::Syntax(..)) => {
                let finding = Diagnostic::new(&rules::BROKEN_REGEX, *span, why.to_string()).note(
                    "keepalived --config-test says nothing, and the checker crashes again and again",
                );
                to.report(finding.refuse());
            }
        }
    }

    fn lower(&self) -> Option<Regex> {
        let mut offsets = (self.min_offset.unwrap_or(0), self.max_offset);
        if offsets.1.is_some_and(|max| offsets.0 > max) {
            offsets = (0, None);
        }
        Some(Regex {
            pattern: self.pattern.clone()?.0,
            no_match: self.no_match,
            options: self.options,
            min_offset: offsets.0,
            max_offset: offsets.1,
            stack: self.stack,
        })
    }
}

/// The numbers behind a keyword. `None` where they are not so many, which keepalived passes over
/// without a word, or no numbers, which is a finding.
fn sizes<const N: usize>(to: &mut Lowering<'_>, node: Node<'_>) -> Option<[Option<u64>; N]> {
    if node.arguments().len() != N {
        return None;
    }
    let mut sizes = [None; N];
    for (size, word) in sizes.iter_mut().zip(node.arguments()) {
        *size = word.text().parse().ok();
        if size.is_none() {
            to.fault(
                ignored("expected bytes, in digits", "lvsctl ignores the line"),
                &word,
            );
            return None;
        }
    }
    Some(sizes)
}

/// `N` or `N-M`.
fn codes(to: &mut Lowering<'_>, word: &Word<'_>) -> Option<(u16, u16)> {
    let code = |text: &str| {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u16>().ok().filter(|_| digits)
    };
    let text = word.text();
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let range = code(first).zip(code(last));
    let range = range.filter(|range| StatusSet::new(vec![*range]).is_some());
    if range.is_none() {
        let text = format!(
            "expected a code or a range of codes, {} to {}, such as 200-204",
            StatusSet::LEAST,
            StatusSet::MOST
        );
        to.fault(
            ignored(&text, "keepalived leaves it out, and so does lvsctl"),
            word,
        );
    }
    range
}

fn ignored(text: &str, note: &str) -> Fault {
    Fault {
        rule: &rules::BAD_VALUE,
        text: text.to_owned(),
        note: Some(note.to_owned()),
        refused: false,
    }
}

fn digest(word: &[u8]) -> Option<[u8; 16]> {
    let digits = <[u8; 32]>::try_from(word).ok()?;
    let mut bytes = [0; 16];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |at: usize| {
            char::from(pair[at])
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
        };
        *byte = digit(0)? << 4 | digit(1)?;
    }
    Some(bytes)
}
