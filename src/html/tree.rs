//! What a browser does with tags: which elements are open, and which elements each tag closes or opens besides its own.
//!
//! This follows the tree construction rules of the HTML standard, with a `div` as the host of the fragment. The rules
//! for foreign content (`svg`, `math`) are in `input.rs`. The tree is exact for the elements that the standard calls
//! *special* (blocks, lists, tables), because they decide which element an end tag reaches. Of the adoption agency
//! algorithm, which rearranges formatting elements, it keeps only the effect on the open elements.
//!
//! The standard says that a browser *reconstructs* formatting elements: it opens those again that were closed *out of
//! turn*, that is by something else than their own end tag. Such elements are called *carried* here.

use super::element::{self, Element};
use super::kind::Kind;
use crate::steps::count;

/// The largest depth to which the elements of the input are followed, because a tag may have to look at all of them.
/// Deeper tags count as text. No element is written as deep as that.
const MAX_INPUT_DEPTH: usize = 256;

/// An open element.
#[derive(Clone, Copy, Debug)]
pub(super) struct Open<'a> {
    pub element: Element,
    pub kind: Kind,
    /// The name of the element, if it is unknown or foreign.
    pub name: &'a str,
    /// Whether it is a list item outside any list. The fragment may itself stand in a list item, which a browser would
    /// then close.
    pub outside_list: bool,
    /// The byte index of its start tag in the text of the caller, or `None` if the element has no tag.
    pub tag_start: Option<usize>,
    /// The number of carried formatting elements when it was opened.
    carried: usize,
    /// The index of the innermost element that bounds scopes, this element included. It is kept here so that no tag has
    /// to search for it.
    scope: Option<usize>,
    /// The index of the innermost element that bounds formatting, this element included.
    cell: Option<usize>,
    /// The index of the innermost table, caption, cell or template, this element included.
    table: Option<usize>,
}

impl<'a> Open<'a> {
    pub const fn new(element: Element, kind: Kind, name: &'a str) -> Self {
        Self {
            element,
            kind,
            name,
            outside_list: false,
            tag_start: None,
            carried: 0,
            scope: None,
            cell: None,
            table: None,
        }
    }
}

/// A change of the open elements.
#[derive(Debug)]
pub(super) enum Event<'a> {
    /// An element was opened without a tag, such as the `tbody` around a `tr`.
    Opened(Element),
    /// An element was closed out of turn: by something else than its own end tag.
    Closed(Open<'a>),
}

/// A function that is told of each change.
type On<'a, 'n> = &'a mut dyn FnMut(Event<'n>);

/// What a start tag does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// The start tag opens its element.
    Opens,
    /// The start tag leaves nothing open: its element is void, or the caller reads its raw text.
    IsVoid,
    /// The start tag opens a list item outside any list.
    OpensOutsideList,
    /// A browser ignores the start tag, because it means nothing here.
    Ignored,
}

/// What an end tag does.
#[derive(Debug)]
pub(super) enum End<'a> {
    /// The end tag closes this element.
    Closes(Open<'a>),
    /// The end tag closed a formatting element and left the blocks in it open, or the element was closed before. There
    /// is nothing to report.
    Late,
    /// The end tag does nothing, or a browser makes an empty element of it inside the fragment.
    Harmless,
    /// The end tag would close an element outside the fragment.
    Escapes,
}

/// The open elements, the innermost last.
#[derive(Debug)]
pub(super) struct Tree<'a> {
    open: Vec<Open<'a>>,
    /// The formatting elements that were closed out of turn, which a browser opens again.
    carried: Vec<Element>,
    /// The number of open elements of each kind of element. With it, a search for an element that is not open costs
    /// nothing.
    counts: [usize; element::ALL],
    /// The number of open elements that are special.
    specials: usize,
    /// What the tree follows.
    of: Of,
}

/// What a tree follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    /// A fragment that is checked. The check does not look at how text is formatted, so carried formatting elements are
    /// not opened again.
    Checked,
    /// The output of the sanitiser, which contains every end tag. A list item outside any list is a `div` there.
    Written,
    /// The input of the sanitiser, as a browser builds it.
    Input,
}

impl<'a> Tree<'a> {
    pub const fn new(of: Of) -> Self {
        Self { open: Vec::new(), carried: Vec::new(), counts: [0; element::ALL], specials: 0, of }
    }

    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// Returns the open element with an index. The outermost one has the index 0.
    pub fn at(&self, depth: usize) -> Option<&Open<'a>> {
        self.open.get(depth)
    }

    /// Sets the byte index of the start tag of the innermost element.
    pub fn set_tag_start(&mut self, tag_start: usize) {
        if let Some(open) = self.open.last_mut() {
            open.tag_start = Some(tag_start);
        }
    }

    /// Moves the start tags of the elements from an index on, after `bytes` bytes were removed before them.
    pub fn move_tag_starts(&mut self, depth: usize, bytes: usize) {
        for open in self.open.iter_mut().skip(depth) {
            open.tag_start = open.tag_start.map(|start| start.saturating_sub(bytes));
        }
    }

    pub fn contains(&self, element: Element) -> bool {
        self.counts.get(element.index()).is_some_and(|count| *count > 0)
    }

    /// Whether the next text or tag is in a table outside its cells. A browser moves it out of the table.
    pub fn is_between_cells(&self) -> bool {
        self.table().is_some_and(|at| self.kind(at) == Some(Kind::Table))
    }

    /// Whether the end tag of an element would rearrange elements instead of closing some.
    pub fn would_rearrange(&self, element: Element) -> bool {
        self.open.iter().rev().take_while(|open| open.element != element).any(|open| open.kind.is_special())
    }

    /// Takes a start tag into account. The name matters if the element is unknown or foreign.
    pub fn start(&mut self, element: Element, name: &'a str, on: On<'_, 'a>) -> Start {
        let kind = element.kind();
        let mut outside_list = false;
        match kind {
            Kind::Void if self.of == Of::Input => {
                self.carry_on();
                return Start::IsVoid;
            }
            Kind::Void | Kind::RawText => return Start::IsVoid,
            Kind::Rule => {
                self.close_paragraph(on);
                return Start::IsVoid;
            }
            Kind::Formatting if matches!(element, Element::A | Element::NOBR) => {
                self.forget(self.carried_beyond_cell(), element);
                if let Some(at) = self.in_cell(element)
                    && let Some(open) = self.adopt(at, on)
                {
                    on(Event::Closed(open));
                }
            }
            Kind::Formatting | Kind::Ordinary | Kind::Bounded | Kind::Template => {}
            // The caller knows their kind from their namespace.
            Kind::Svg | Kind::Math | Kind::HtmlInForeign | Kind::TextInMath | Kind::AnnotationXml => {}
            Kind::Button | Kind::Select => {
                if let Some(at) = self.in_scope(element) {
                    self.close_to(at, on);
                    if kind == Kind::Select {
                        return Start::Ignored;
                    }
                }
            }
            Kind::Block | Kind::Paragraph => self.close_paragraph(on),
            Kind::Heading => {
                self.close_paragraph(on);
                if self.open.last().is_some_and(|open| open.kind == Kind::Heading) {
                    self.close_to(self.open.len() - 1, on);
                }
            }
            Kind::ListItem | Kind::Definition => {
                let items_are_divs = self.of == Of::Written;
                let passes = |open: &Open<'_>| {
                    !open.kind.is_special()
                        || matches!(open.element, Element::ADDRESS | Element::DIV | Element::P)
                        || items_are_divs && open.outside_list
                };
                let stop = self.last(0, &|open| open.kind == kind || !passes(open));
                outside_list = match stop {
                    Some(at) if self.kind(at) == Some(kind) => {
                        let outside = self.open.get(at).is_some_and(|item| item.outside_list);
                        self.close_to(at, on);
                        outside
                    }
                    stop => stop.is_none(),
                };
                self.close_paragraph(on);
            }
            Kind::Table => {
                if self.is_between_cells() {
                    let at = self.table().unwrap_or(0);
                    self.close_to(at, on);
                }
                self.close_paragraph(on);
            }
            Kind::Caption | Kind::Section | Kind::Row | Kind::Cell | Kind::Column => {
                if !self.make_room(kind, on) || kind == Kind::Column {
                    return Start::Ignored;
                }
            }
        }
        if self.of == Of::Input && kind.carries_formatting_on() {
            self.carry_on();
        }
        self.push(Open { outside_list, ..Open::new(element, kind, name) });
        if outside_list { Start::OpensOutsideList } else { Start::Opens }
    }

    /// Takes an end tag into account. The name matters if the element is unknown or foreign.
    pub fn end(&mut self, element: Element, name: &str, on: On<'_, 'a>) -> End<'a> {
        let kind = element.kind();
        let beyond = if self.scope().is_some() { End::Harmless } else { End::Escapes };
        let scope = self.scope().map_or(0, |at| at + 1);
        let found = match kind {
            Kind::Void | Kind::Rule | Kind::RawText | Kind::Column => return End::Harmless,
            Kind::Formatting => return self.end_formatting(element, on),
            // The end tag of a foreign element names an HTML element here, and none with this name is open.
            _ if kind.is_foreign() || kind == Kind::Ordinary && !self.contains(element) => {
                return if self.specials > 0 { End::Harmless } else { beyond };
            }
            Kind::Button | Kind::Bounded | Kind::Select => self.in_scope(element),
            Kind::Template => self.rfind(0, element, &|open| open.element == element),
            Kind::Block if element == Element::FORM => {
                // Only the form itself is closed. The elements in it stay open.
                if let Some(at) = self.rfind(scope, element, &|open| open.element == element) {
                    self.remove(at, on);
                }
                return End::Harmless;
            }
            Kind::Ordinary | Kind::Svg | Kind::Math | Kind::HtmlInForeign | Kind::TextInMath | Kind::AnnotationXml => {
                let is_it = |open: &Open<'_>| {
                    open.element == element && open.kind == kind && open.name.eq_ignore_ascii_case(name)
                };
                let stop = self.last(0, &|open| is_it(open) || open.kind.is_special());
                match stop {
                    Some(at) if self.kind(at) != Some(Kind::Ordinary) => return End::Harmless,
                    found => found,
                }
            }
            Kind::Block | Kind::Definition => self.rfind(scope, element, &|open| open.element == element),
            Kind::Heading => {
                let level = Element::HEADINGS.into_iter().find(|level| self.contains(*level));
                self.rfind(scope, level.unwrap_or(element), &|open| open.kind == Kind::Heading)
            }
            Kind::Paragraph => match self.rfind(scope, element, &|open| open.kind == Kind::Paragraph) {
                // A browser makes an empty paragraph.
                None => return End::Harmless,
                found => found,
            },
            Kind::ListItem => {
                let in_list = self.contains(Element::OL) || self.contains(Element::UL);
                // The innermost list or item decides.
                let is_list = |open: &Open<'_>| matches!(open.element, Element::OL | Element::UL);
                let stop = self.rfind(scope, element, &|open| open.kind == kind || is_list(open));
                match stop.filter(|at| self.kind(*at) == Some(kind)) {
                    None if in_list => return End::Harmless,
                    found => found,
                }
            }
            Kind::Table => self.innermost_table(),
            Kind::Caption | Kind::Section | Kind::Row | Kind::Cell => {
                let table = self.innermost_table();
                self.rfind(table.map_or(0, |at| at + 1), element, &|open| open.element == element)
            }
        };
        let Some(at) = found else { return beyond };
        self.close_to(at + 1, on);
        self.pop().map_or(beyond, End::Closes)
    }

    /// Closes all open elements.
    pub fn finish(&mut self, on: On<'_, 'a>) {
        self.close_to(0, on);
    }

    fn end_formatting(&mut self, element: Element, on: On<'_, 'a>) -> End<'a> {
        match self.in_cell(element) {
            // An open table between the two protects the element, and the element stays open.
            Some(at) if self.scope().is_some_and(|scope| scope > at) => End::Harmless,
            Some(at) => self.adopt(at, on).map_or(End::Late, End::Closes),
            None => {
                let beyond = self.carried_beyond_cell();
                match self.carried.iter().rposition(|known| *known == element).filter(|at| *at >= beyond) {
                    Some(at) => {
                        self.forget(at, element);
                        End::Late
                    }
                    None if self.cell().is_some() => End::Harmless,
                    None => End::Escapes,
                }
            }
        }
    }

    /// Removes an element from the carried elements, from an index on.
    fn forget(&mut self, from: usize, element: Element) {
        let mut at = 0;
        count(self.carried.len());
        self.carried.retain(|known| {
            at += 1;
            at <= from || *known != element
        });
    }

    /// Closes a formatting element and returns it. If special elements are open in it, this closes what is open in the
    /// innermost of them, removes the formatting element alone, and returns `None`.
    fn adopt(&mut self, at: usize, on: On<'_, 'a>) -> Option<Open<'a>> {
        if let Some(special) = self.last(at + 1, &|open| open.kind.is_special()) {
            self.close_to(special + 1, on);
            self.remove(at, on);
            return None;
        }
        self.close_to(at + 1, on);
        self.pop()
    }

    /// Removes an open element. The elements in it stay open.
    pub fn remove(&mut self, at: usize, on: On<'_, 'a>) {
        let Some(open) = self.open.get(at).copied() else { return };
        let mut depth = 0;
        // `Vec::remove` would add the code that formats its panic.
        self.open.retain(|_| {
            depth += 1;
            depth != at + 1
        });
        self.uncount(&open);
        on(Event::Closed(open));
        (at..self.open.len()).for_each(|above| self.link(above));
    }

    /// Opens the carried formatting elements again, as a browser does before most elements.
    fn carry_on(&mut self) {
        let beyond = self.carried_beyond_cell();
        let carried = self.carried.get(beyond..).unwrap_or_default().to_vec();
        self.carried.truncate(beyond);
        for element in carried {
            self.push(Open::new(element, Kind::Formatting, ""));
        }
    }

    /// Makes room for a part of a table: closes and opens the elements between it and the innermost table. Returns
    /// false outside any table.
    fn make_room(&mut self, kind: Kind, on: On<'_, 'a>) -> bool {
        let Some(table) = self.innermost_table() else { return false };
        let wanted =
            |holder: Kind| self.open.iter().skip(table).position(|open| open.kind == holder).map(|at| table + at);
        let (section, row) = (wanted(Kind::Section), wanted(Kind::Row));
        match (kind, section, row) {
            (Kind::Cell, _, Some(row)) => self.close_to(row + 1, on),
            (Kind::Cell | Kind::Row, Some(section), _) => self.close_to(section + 1, on),
            _ => self.close_to(table + 1, on),
        }
        if matches!(kind, Kind::Cell | Kind::Row) && section.is_none() {
            self.imply(Element::TBODY, on);
        }
        if kind == Kind::Cell && row.is_none() {
            self.imply(Element::TR, on);
        }
        true
    }

    fn imply(&mut self, element: Element, on: On<'_, 'a>) {
        self.push(Open::new(element, element.kind(), ""));
        on(Event::Opened(element));
    }

    pub fn close_paragraph(&mut self, on: On<'_, 'a>) {
        let scope = self.scope().map_or(0, |at| at + 1);
        if let Some(at) = self.rfind(scope, Element::P, &|open| open.kind == Kind::Paragraph) {
            self.close_to(at, on);
        }
    }

    /// Opens an element.
    pub fn push(&mut self, open: Open<'a>) {
        if self.of == Of::Input && self.open.len() >= MAX_INPUT_DEPTH {
            return;
        }
        self.count(open.element, 1);
        self.specials += usize::from(open.kind.is_special());
        self.open.push(Open { carried: self.carried.len(), ..open });
        self.link(self.open.len() - 1);
    }

    /// Finds the elements that bound the scopes of the open element with an index.
    fn link(&mut self, at: usize) {
        count(1);
        let here = Some(at);
        let before = at.checked_sub(1).and_then(|before| self.open.get(before));
        let (scope, cell, table) = before.map_or((None, None, None), |open| (open.scope, open.cell, open.table));
        if let Some(open) = self.open.get_mut(at) {
            open.scope = if open.kind.bounds_scope() { here } else { scope };
            open.cell = if open.kind.bounds_formatting() { here } else { cell };
            open.table = if open.kind.decides_on_tables() { here } else { table };
        }
    }

    fn pop(&mut self) -> Option<Open<'a>> {
        let open = self.open.pop()?;
        self.uncount(&open);
        if open.kind.bounds_formatting() {
            self.carried.truncate(open.carried);
        }
        Some(open)
    }

    fn uncount(&mut self, open: &Open<'a>) {
        self.count(open.element, -1);
        self.specials = self.specials.saturating_sub(usize::from(open.kind.is_special()));
    }

    /// Closes the open elements from an index on, all of them out of turn.
    pub fn close_to(&mut self, depth: usize, on: On<'_, 'a>) {
        while self.open.len() > depth {
            count(1);
            let Some(open) = self.pop() else { return };
            // A browser carries at most three equal elements and forgets the others.
            if open.kind == Kind::Formatting && self.carried.iter().filter(|known| **known == open.element).count() < 3
            {
                self.carried.push(open.element);
            }
            on(Event::Closed(open));
        }
    }

    pub fn kind(&self, at: usize) -> Option<Kind> {
        self.open.get(at).map(|open| open.kind)
    }

    /// Returns the index of the innermost element that bounds the scope of end tags.
    fn scope(&self) -> Option<usize> {
        self.open.last()?.scope
    }

    /// Returns the index of the innermost table, caption, cell or template. If it is a table, the next tag stands in
    /// none of its cells.
    fn table(&self) -> Option<usize> {
        self.open.last()?.table
    }

    /// Returns the index of the innermost table. Returns `None` if a template is open in it.
    fn innermost_table(&self) -> Option<usize> {
        let at = self.rfind(0, Element::TABLE, &|open| matches!(open.kind, Kind::Table | Kind::Template))?;
        (self.kind(at) == Some(Kind::Table)).then_some(at)
    }

    /// Returns the index of an open formatting element in the current cell.
    pub fn in_cell(&self, element: Element) -> Option<usize> {
        self.rfind(self.cell().map_or(0, |at| at + 1), element, &|open| open.element == element)
    }

    /// Returns the index of an open element that an end tag can reach. The element that bounds the scope counts as
    /// well: an `object` or a `select` is one itself.
    fn in_scope(&self, element: Element) -> Option<usize> {
        self.rfind(self.scope().unwrap_or(0), element, &|open| open.element == element)
    }

    /// Returns the index of the innermost element that bounds formatting: a cell, a caption, a `template`, an `object`
    /// or the like.
    fn cell(&self) -> Option<usize> {
        self.open.last()?.cell
    }

    /// Returns the number of carried elements from outside the current cell. They are not opened again inside it.
    fn carried_beyond_cell(&self) -> usize {
        self.cell().and_then(|at| self.open.get(at)).map_or(0, |cell| cell.carried)
    }

    /// Counts an element that was opened (1) or closed (-1).
    fn count(&mut self, element: Element, more: isize) {
        if let Some(count) = self.counts.get_mut(element.index()) {
            *count = count.saturating_add_signed(more);
        }
    }

    /// Returns the index of the innermost open element for which `is` holds, from an index on. Returns `None` at once
    /// if `element` is not open.
    fn rfind(&self, from: usize, element: Element, is: &dyn Fn(&Open<'a>) -> bool) -> Option<usize> {
        if !self.contains(element) {
            return None;
        }
        self.last(from, is)
    }

    /// Returns the index of the innermost open element for which `is` holds, from an index on.
    pub fn last(&self, from: usize, is: &dyn Fn(&Open<'a>) -> bool) -> Option<usize> {
        let found = self.open.get(from..)?.iter().rposition(is).map(|at| from + at);
        count(self.open.len() - found.unwrap_or(from));
        found
    }
}
