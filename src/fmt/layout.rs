use super::LONGEST_LINE;
use super::depth::{Brace, Depth};
use super::line::{Condition, Line, Shape};
use super::page::Page;
use super::refusal::Refusal;
use crate::conf::written::{self, Kind};

/// The text laid out as the host `reference` reads it.
pub(super) fn lay_out(text: &[u8], ids: &[&[u8]], reference: usize) -> Result<Vec<u8>, Refusal> {
    let mut layout = Layout {
        page: Page::default(),
        depth: Depth::new(ids, reference),
        defining: None,
        excused: false,
    };
    layout.page.out.reserve(text.len() + text.len() / 4);
    let mut start = 0;
    while start < text.len() {
        let end = memchr::memchr(b'\n', &text[start..]).map_or(text.len(), |at| start + at);
        let mut raw = &text[start..end];
        while let [shorter @ .., b'\r'] = raw {
            raw = shorter;
        }
        layout.line(Line::new(raw, start))?;
        start = end + 1;
    }
    layout.depth.end()?;
    Ok(layout.page.end())
}

/// A definition of several lines.
#[derive(Clone, Copy)]
struct Definition<'t> {
    /// To hosts that it is not for its lines are lines like others.
    condition: Option<Condition<'t>>,
}

struct Layout<'t> {
    page: Page,
    depth: Depth<'t>,
    /// A definition goes on.
    defining: Option<Definition<'t>>,
    /// A comment speaks of the next line with words.
    excused: bool,
}

impl<'t> Layout<'t> {
    fn line(&mut self, line: Line<'t>) -> Result<(), Refusal> {
        if let Some(Definition { condition }) = self.defining {
            return self.definition(&line, condition);
        }
        if line.code.is_empty() {
            self.comment(&line);
            return Ok(());
        }
        let excused = std::mem::take(&mut self.excused) || line.excuses();
        match line.shape()? {
            Shape::Continues { condition } => {
                self.page.exact(line.raw);
                self.defining = Some(Definition { condition });
            }
            Shape::Definition { condition } => {
                let loose = condition.map_or(0, |condition| condition.rest);
                self.whole(&line, condition, loose);
            }
            Shape::Whole { condition, loose } => {
                self.whole(&line, condition, loose);
                for brace in line.braces(condition) {
                    self.depth.count(brace, condition)?;
                }
            }
            Shape::Divided if too_long(&line, self.depth.of(None)) || excused && !line.single() => {
                self.whole(&line, None, line.loose());
                for brace in line.braces(None) {
                    self.depth.count(brace, None)?;
                }
            }
            Shape::Divided => self.divided(&line)?,
        }
        Ok(())
    }

    /// A line without words.
    fn comment(&mut self, line: &Line<'_>) {
        if line.note.is_empty() {
            self.page.blank = true;
            return;
        }
        self.excused |= line.excuses();
        self.whole(line, None, 0);
    }

    /// A line of a definition that began on an earlier one.
    fn definition(
        &mut self,
        line: &Line<'t>,
        condition: Option<Condition<'t>>,
    ) -> Result<(), Refusal> {
        if line.raw.is_empty() {
            self.page.blank = true;
            self.page.ends_definition = true;
            self.defining = None;
            return Ok(());
        }
        self.page.exact(line.raw);
        if condition.is_some() {
            for brace in line.braces(None) {
                self.depth.count_in_definition(brace, condition)?;
            }
        }
        if !line.continues() && !line.code.is_empty() {
            self.defining = None;
        }
        Ok(())
    }

    /// A line that stays one line.
    fn whole(&mut self, line: &Line<'_>, condition: Option<Condition<'_>>, loose: usize) {
        let depth = self.depth.of(condition);
        let depth = depth.saturating_sub(line.closes(condition));
        if too_long(line, depth) || line.is_hidden_condition() {
            self.page.exact(line.raw);
        } else if let Some(sealed) = line.sealed() {
            self.page.kept(depth, sealed);
        } else if line.code.is_empty() {
            self.page.kept(depth, line.note);
        } else {
            self.page.whole(depth, line.code, loose);
            self.page.note(line.note, line.glued);
        }
    }

    /// A line that is divided at its braces.
    fn divided(&mut self, line: &Line<'_>) -> Result<(), Refusal> {
        let code = line.code;
        let mut tokens = written::words(code).peekable();
        while let Some(token) = tokens.next() {
            let at = token.start as usize;
            match token.kind {
                Kind::Open => {
                    let note = match tokens.peek() {
                        None => line.note,
                        Some(_) => &[],
                    };
                    // On a line of its own it is not what the comment speaks of elsewhere.
                    let joins = at > 0 || !line.excuses();
                    self.page.open(self.depth.of(None), note, joins);
                    self.depth.count(Brace::Open(line.start + at), None)?;
                }
                Kind::Close => {
                    self.depth.count(Brace::Close(line.start + at), None)?;
                    self.page.close(self.depth.of(None));
                }
                _ => {
                    let mut end = token.end as usize;
                    let brace = |kind| matches!(kind, Kind::Open | Kind::Close);
                    while let Some(next) = tokens.next_if(|next| !brace(next.kind)) {
                        end = next.end as usize;
                    }
                    self.page.words(self.depth.of(None), &code[at..end]);
                }
            }
        }
        self.page.note(line.note, line.glued);
        Ok(())
    }
}

/// Whether keepalived would cut the line, as it is or laid out.
fn too_long(line: &Line<'_>, depth: usize) -> bool {
    if line.raw.len() + 32 * 4 + 4 <= LONGEST_LINE {
        return false;
    }
    let opens = memchr::memchr_iter(b'{', line.code).count();
    let length = line.code.len() + line.note.len() + (depth + opens) * 4 + 4;
    line.raw.len() > LONGEST_LINE || length > LONGEST_LINE
}
