/// A piece of a rule's manual entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Text to be filled, with words of the file between backquotes.
    Paragraph(String),
    /// The same, one of a list.
    Item(String),
    /// Lines of a file, as they stand.
    Example(Vec<String>),
}

/// Reads what the entries have of Markdown: paragraphs, items that begin with `- `, and fences.
pub(super) fn pieces(markdown: &str) -> Vec<Piece> {
    let mut all = Vec::new();
    let mut fence: Option<Vec<String>> = None;
    let mut begins = true;
    for line in markdown.lines() {
        if line.starts_with("```") {
            match fence.take() {
                Some(lines) => all.push(Piece::Example(lines)),
                None => fence = Some(Vec::new()),
            }
            begins = true;
        } else if let Some(lines) = &mut fence {
            lines.push(line.to_owned());
        } else if line.trim().is_empty() {
            begins = true;
        } else if let Some(item) = line.strip_prefix("- ") {
            all.push(Piece::Item(item.to_owned()));
            begins = false;
        } else if begins {
            all.push(Piece::Paragraph(line.to_owned()));
            begins = false;
        } else if let Some(Piece::Paragraph(text) | Piece::Item(text)) = all.last_mut() {
            text.push(' ');
            text.push_str(line.trim());
        }
    }
    all
}
