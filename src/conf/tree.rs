use std::borrow::Cow;

use super::files::{Files, ReadError, beside};
use super::rules;
use super::written::{Kind, Token, tokens};
use crate::diag::{Diagnostic, SourceId, Sources, Span};

/// A word after expansion, with the place its text was written at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    pub text: String,
    pub span: Span,
}

/// One line's words and the block that belongs to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Never empty.
    pub words: Vec<Word>,
    /// It needs an expansion that was refused, so that its words mean nothing yet.
    pub unexpanded: bool,
    pub block: Option<Block>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    pub open: Span,
    pub nodes: Vec<Node>,
}

impl Node {
    pub fn keyword(&self) -> &Word {
        &self.words[0]
    }

    /// The words after the keyword.
    pub fn arguments(&self) -> &[Word] {
        &self.words[1..]
    }

    /// From the first word to the last.
    pub fn span(&self) -> Span {
        self.words[0].span.to(self.words[self.words.len() - 1].span)
    }

    pub fn children(&self) -> &[Node] {
        self.block.as_ref().map_or(&[], |block| &block.nodes)
    }
}

/// Blocks within blocks, and files within files, deeper than anybody means them.
const DEEPEST_BLOCK: usize = 32;
const DEEPEST_INCLUDE: usize = 16;
/// Files in all, and bytes of a line, beyond what anybody writes.
const MOST_FILES: usize = 1000;
const LONGEST_LINE: usize = 65_536;
/// So many findings are kept; where there are more, the file is refused for that.
pub(super) const MOST_FINDINGS: usize = 10_000;

/// Reads `path` and all it includes.
///
/// Never fails: what cannot be read or understood is a finding, and the rest is a tree.
pub(super) fn read(
    files: &dyn Files,
    path: &str,
    sources: &mut Sources,
    findings: &mut Vec<Diagnostic>,
) -> Vec<Node> {
    let mut reader = Reader {
        files,
        sources,
        findings,
        open: vec![Open::root()],
        chain: Vec::new(),
    };
    let bytes = match files.read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            let id = reader.sources.add(name_of(path), Vec::new(), None);
            let nowhere = Span {
                source: id,
                start: 0,
                end: 0,
            };
            reader.report(unreadable(nowhere, path, &error));
            return Vec::new();
        }
    };
    let id = reader.sources.add(name_of(path), bytes, None);
    reader.chain.push(path.to_owned());
    reader.text(id);
    reader.close_all()
}

fn name_of(path: &str) -> String {
    match path {
        "-" => "standard input".to_owned(),
        path => path.to_owned(),
    }
}

fn unreadable(span: Span, path: &str, error: &ReadError) -> Diagnostic {
    let path = name_of(path);
    Diagnostic::new(&rules::UNREADABLE_FILE, span, format!("{path}: {error}")).refuse()
}

/// A block that is still open.
struct Open {
    brace: Option<Span>,
    nodes: Vec<Node>,
}

impl Open {
    fn root() -> Self {
        Self {
            brace: None,
            nodes: Vec::new(),
        }
    }
}

struct Reader<'a> {
    files: &'a dyn Files,
    sources: &'a mut Sources,
    findings: &'a mut Vec<Diagnostic>,
    open: Vec<Open>,
    /// Paths of the files being read, outermost first.
    chain: Vec<String>,
}

impl Reader<'_> {
    fn report(&mut self, finding: Diagnostic) {
        if self.findings.len() < MOST_FINDINGS {
            self.findings.push(finding);
        }
    }

    fn text(&mut self, source: SourceId) {
        if let Some(start) = self.sources.get(source).longer_than(LONGEST_LINE) {
            let end = start + 80;
            let span = Span { source, start, end };
            let finding = Diagnostic::new(&rules::LINE_TOO_LONG, span, "this one")
                .note("keepalived cuts lines at 1023 bytes and takes the rest for another line");
            self.report(finding.refuse());
            return;
        }
        // Taken out for the while, because an include adds to the sources.
        let bytes = self.sources.get(source).bytes.clone();
        let mut line: Vec<Word> = Vec::new();
        for token in tokens(&bytes) {
            let span = Span {
                source,
                start: token.start,
                end: token.end,
            };
            match token.kind {
                Kind::Comment => {}
                Kind::Newline => self.statement(&mut line),
                Kind::Open => {
                    self.statement(&mut line);
                    if !self.open_block(span) {
                        return;
                    }
                }
                Kind::Close => {
                    self.statement(&mut line);
                    self.close_block(span);
                }
                Kind::Word | Kind::Quoted => self.word(&bytes, token, span, &mut line),
                Kind::Unterminated => {
                    let text = "the quote is not closed on its line";
                    let finding = Diagnostic::new(&rules::UNTERMINATED_QUOTE, span, text);
                    self.report(finding.refuse());
                    line.clear();
                }
                Kind::Nul => {
                    let finding = Diagnostic::new(&rules::NUL_BYTE, span, "here");
                    self.report(finding.refuse());
                    return;
                }
            }
        }
        self.statement(&mut line);
    }

    fn word(&mut self, bytes: &[u8], token: Token, span: Span, line: &mut Vec<Word>) {
        let mut raw = &bytes[token.start as usize..token.end as usize];
        if token.kind == Kind::Quoted {
            raw = raw.get(1..raw.len() - 1).unwrap_or_default();
        }
        let text = String::from_utf8_lossy(raw);
        if let Cow::Owned(_) = text {
            let finding = Diagnostic::new(&rules::NOT_UTF8, span, "kept as it is");
            self.report(finding);
        }
        if token.start == 0 && raw.starts_with(b"\xef\xbb\xbf") {
            let finding = Diagnostic::new(&rules::BYTE_ORDER_MARK, span, "before this word")
                .note("keepalived takes it for part of the word and does not know the keyword")
                .help("save the file as UTF-8 without a byte order mark");
            self.report(finding.refuse());
        }
        line.push(Word {
            text: text.into_owned(),
            span,
        });
    }

    /// A line's words are complete.
    fn statement(&mut self, line: &mut Vec<Word>) {
        let mut words = std::mem::take(line);
        // No continuation: keepalived glues the sign to the word before it.
        if let [.., before, last] = words.as_mut_slice()
            && last.text == "\\"
        {
            before.text.push('\\');
            before.span = before.span.to(last.span);
            words.pop();
        }
        let Some(first) = words.first() else {
            return;
        };
        if first.text.starts_with("include") && INCLUDES.contains(&first.text.as_str()) {
            self.include(&words);
            return;
        }
        let needed = expansion(&words);
        if let Some(what) = needed {
            let text = format!("{what} cannot be expanded yet");
            let finding = Diagnostic::new(&rules::NOT_SUPPORTED, words[0].span, text);
            self.report(finding.refuse());
        }
        self.nodes().push(Node {
            words,
            unexpanded: needed.is_some(),
            block: None,
        });
    }

    fn nodes(&mut self) -> &mut Vec<Node> {
        if self.open.is_empty() {
            self.open.push(Open::root());
        }
        let last = self.open.len() - 1;
        &mut self.open[last].nodes
    }

    /// False where reading on makes no sense.
    fn open_block(&mut self, brace: Span) -> bool {
        if self.open.len() > DEEPEST_BLOCK {
            let text = format!("the {}th block within a block", self.open.len());
            let mut finding = Diagnostic::new(&rules::TOO_DEEP, brace, text).refuse();
            if let Some(outer) = self.open.get(1).and_then(|open| open.brace) {
                finding = finding.context(outer, "the outermost opens here");
            }
            self.report(finding);
            return false;
        }
        let unowned = self.nodes().last().is_none_or(|node| node.block.is_some());
        if unowned {
            let text = "no keyword stands before it";
            let finding = Diagnostic::new(&rules::UNEXPECTED_BRACE, brace, text)
                .note("keepalived goes on with what is inside as if it stood outside");
            self.report(finding.refuse());
        }
        self.open.push(Open {
            brace: Some(brace),
            nodes: Vec::new(),
        });
        true
    }

    fn close_block(&mut self, brace: Span) {
        if self.open.len() <= 1 {
            let text = "closes no block";
            let finding = Diagnostic::new(&rules::UNBALANCED_BRACE, brace, text);
            self.report(finding.refuse());
            return;
        }
        self.pop();
    }

    fn pop(&mut self) {
        let Some(Open { brace, nodes }) = self.open.pop() else {
            return;
        };
        let Some(open) = brace else { return };
        // A block without a keyword was a finding; its inside is not read as the parent's.
        if let Some(node) = self.nodes().last_mut()
            && node.block.is_none()
        {
            node.block = Some(Block { open, nodes });
        }
    }

    fn include(&mut self, words: &[Word]) {
        let refuse = |rule, span, text: String| Diagnostic::new(rule, span, text).refuse();
        let [keyword, path, ..] = words else {
            let text = "names no file".to_owned();
            let finding = refuse(&rules::MISSING_PARAMETER, words[0].span, text);
            self.report(finding);
            return;
        };
        if keyword.text != "include" || path.text.contains(['*', '?', '[', '{', '$']) {
            let text = "only `include` of one file named in full is understood yet".to_owned();
            let finding = refuse(&rules::NOT_SUPPORTED, path.span, text);
            self.report(finding);
            return;
        }
        let including = self.chain.last().map_or("", String::as_str);
        let file = beside(including, &path.text);
        if self.chain.contains(&file)
            || self.chain.len() > DEEPEST_INCLUDE
            || self.sources.len() > MOST_FILES
        {
            let text = format!("{file} would be read again and again");
            let finding = refuse(&rules::INCLUDE_CYCLE, path.span, text);
            self.report(finding);
            return;
        }
        match self.files.read(&file) {
            Err(error) => self.report(unreadable(path.span, &file, &error)),
            Ok(bytes) => {
                let id = self.sources.add(file.clone(), bytes, Some(path.span));
                self.chain.push(file);
                self.text(id);
                self.chain.pop();
            }
        }
    }

    fn close_all(mut self) -> Vec<Node> {
        // One finding, at the innermost block that is open: the others follow from it.
        if let Some(brace) = self.open.last().and_then(|open| open.brace)
            && !self.findings.iter().any(stops_reading)
        {
            let missing = self.open.len() - 1;
            let text = match missing {
                1 => "this block is not closed".to_owned(),
                _ => format!("this block and {} around it are not closed", missing - 1),
            };
            let finding = Diagnostic::new(&rules::UNBALANCED_BRACE, brace, text)
                .note("the file may have been cut off; nothing of it is used")
                .note("keepalived would go on with what it has read so far");
            self.report(finding.refuse());
        }
        while self.open.len() > 1 {
            self.pop();
        }
        self.open.pop().map(|open| open.nodes).unwrap_or_default()
    }
}

const INCLUDES: [&str; 6] = [
    "include", "includer", "includem", "includew", "includeb", "includea",
];

/// Findings after which the rest of a text was not read.
fn stops_reading(finding: &Diagnostic) -> bool {
    [&rules::TOO_DEEP, &rules::NUL_BYTE, &rules::LINE_TOO_LONG].contains(&finding.rule)
}

/// Which of keepalived's expansions a line would need.
fn expansion(words: &[Word]) -> Option<&'static str> {
    let first = words.first()?.text.as_str();
    if first.starts_with('@') {
        return Some("a conditional line");
    }
    if first.starts_with("~SEQ") || first.starts_with("~LST") {
        return Some("a sequence");
    }
    if first.starts_with('$') && first.contains('=') {
        return Some("a definition");
    }
    let reference = |word: &Word| {
        let mut after = word.text.split('$').skip(1);
        // `${NAME}` falls apart at its brace, so that nothing follows the sign.
        after.any(|name| {
            let starts = |c: char| c.is_ascii_alphabetic() || c == '_' || c == '{';
            name.is_empty() || name.starts_with(starts)
        })
    };
    let mut dollars = words
        .iter()
        .filter(|word| word.text.as_bytes().contains(&b'$'));
    dollars.any(reference).then_some("a $PARAMETER")
}
