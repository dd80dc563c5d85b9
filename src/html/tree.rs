//! What a browser does with the tags of a body: which elements stand open, and what each tag closes or opens unasked.
//!
//! This follows the tree construction rules of the HTML standard for the elements that a body allows, in a host that is a
//! `div`. Exact is what it says of the elements that the standard calls *special* (blocks, lists, tables): they decide what
//! an end tag reaches. Of the adoption agency, which rearranges formatting elements, only the effect on what stands open is
//! kept.

use super::element::{self, Element};
use crate::steps::count;

/// The groups of elements that the rules speak of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// No content and no end tag.
    Void,
    /// A void element that ends a paragraph.
    Rule,
    /// Carried on by a browser where it is closed out of turn.
    Formatting,
    Ordinary,
    /// Ends a paragraph; so do the following five.
    Block,
    Heading,
    Paragraph,
    ListItem,
    /// `dd` and `dt`.
    Definition,
    Table,
    Caption,
    /// `tbody`, `thead`, `tfoot`.
    Section,
    Row,
    Cell,
}

impl Kind {
    const fn is_special(self) -> bool {
        !matches!(self, Kind::Formatting | Kind::Ordinary)
    }

    /// A part of a table that means something in a table only.
    pub const fn is_table_part(self) -> bool {
        matches!(self, Kind::Caption | Kind::Section | Kind::Row | Kind::Cell)
    }

    /// Ends the scope in which most end tags look for their element.
    const fn bounds_scope(self) -> bool {
        matches!(self, Kind::Table | Kind::Caption | Kind::Cell)
    }

    /// Formatting elements are carried on within these, and not beyond.
    const fn bounds_formatting(self) -> bool {
        matches!(self, Kind::Caption | Kind::Cell)
    }
}

/// An element that stands open.
#[derive(Debug)]
pub(super) struct Open {
    pub element: Element,
    pub kind: Kind,
    /// What the caller knows its start tag by; nothing where nobody wrote one.
    pub mark: Option<usize>,
    /// How many formatting elements were to be carried on when it was opened.
    carried: usize,
    /// Where the innermost element stands that bounds scopes, itself included, so that no tag has to look for it.
    scope: Option<usize>,
    /// The same of the one that bounds formatting.
    cell: Option<usize>,
}

/// What happened to the elements that stand open.
#[derive(Debug)]
pub(super) enum Event {
    /// An element was opened that nobody wrote: the `tbody` of a `tr`.
    Opened(Element),
    /// An element was closed by something else than its own end tag.
    Closed(Open),
}

/// Who wants to know of what happens.
type On<'a> = &'a mut dyn FnMut(Event);

/// What an end tag does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It closes this element.
    Closes(Element),
    /// It belongs to a formatting element that was closed before, out of turn.
    Late,
    /// It does nothing, or makes an empty element, inside the fragment.
    Harmless,
    /// It would look for its element outside the fragment.
    Escapes,
}

/// The elements that stand open, the innermost last.
#[derive(Debug)]
pub(super) struct Tree {
    open: Vec<Open>,
    /// Formatting elements that were closed out of turn, which a browser carries on.
    carried: Vec<Element>,
    /// How many of each element stand open: a tag that looks for one in vain costs nothing.
    counts: [usize; element::COUNT],
    /// How many special elements stand open.
    specials: usize,
}

impl Tree {
    pub const fn new() -> Self {
        Self { open: Vec::new(), carried: Vec::new(), counts: [0; element::COUNT], specials: 0 }
    }

    pub fn depth(&self) -> usize {
        self.open.len()
    }

    pub fn contains(&self, element: Element) -> bool {
        self.counts.get(element.place()).is_some_and(|count| *count > 0)
    }

    /// Whether what comes now stands in a table and in none of its cells: a browser moves it out of the table.
    pub fn is_between_cells(&self) -> bool {
        self.scope().is_some_and(|at| self.kind(at) == Some(Kind::Table))
    }

    /// Whether the end tag of an element would rearrange elements rather than close some.
    pub fn would_rearrange(&self, element: Element) -> bool {
        self.open.iter().rev().take_while(|open| open.element != element).any(|open| open.kind.is_special())
    }

    /// Takes a start tag into account; false when a browser leaves it out, since it means nothing where it stands.
    pub fn start(&mut self, element: Element, mark: usize, on: On<'_>) -> bool {
        let kind = element.kind();
        match kind {
            Kind::Void => return true,
            Kind::Rule => {
                self.close_paragraph(on);
                return true;
            }
            Kind::Formatting if element == Element::A => {
                // Looked for among the formatting elements of this cell, whatever else stands between.
                let cell = self.cell().map_or(0, |at| at + 1);
                self.forget(self.carried_beyond_cell(), element);
                if let Some(at) = self.rfind(cell, element, &|open| open.element == element) {
                    self.adopt(at, on, true);
                }
            }
            Kind::Formatting | Kind::Ordinary => {}
            Kind::Block | Kind::Paragraph => self.close_paragraph(on),
            Kind::Heading => {
                self.close_paragraph(on);
                if self.open.last().is_some_and(|open| open.kind == Kind::Heading) {
                    self.close_to(self.open.len() - 1, on);
                }
            }
            Kind::ListItem | Kind::Definition => {
                let passes = |open: &Open| {
                    !open.kind.is_special() || matches!(open.element, Element::ADDRESS | Element::DIV | Element::P)
                };
                let stop = self.last(0, &|open| open.kind == kind || !passes(open));
                if let Some(at) = stop.filter(|at| self.kind(*at) == Some(kind)) {
                    self.close_to(at, on);
                }
                self.close_paragraph(on);
            }
            Kind::Table => {
                if self.is_between_cells() {
                    let at = self.scope().unwrap_or(0);
                    self.close_to(at, on);
                }
                self.close_paragraph(on);
            }
            Kind::Caption | Kind::Section | Kind::Row | Kind::Cell => {
                if !self.make_room(kind, on) {
                    return false;
                }
            }
        }
        self.push(element, Some(mark));
        true
    }

    /// Takes an end tag into account.
    pub fn end(&mut self, element: Element, on: On<'_>) -> End {
        let kind = element.kind();
        let beyond = if self.scope().is_some() { End::Harmless } else { End::Escapes };
        let scope = self.scope().map_or(0, |at| at + 1);
        let found = match kind {
            Kind::Void | Kind::Rule => return End::Harmless,
            Kind::Formatting => return self.end_formatting(element, on),
            Kind::Ordinary if !self.contains(element) => {
                return if self.specials > 0 { End::Harmless } else { beyond };
            }
            Kind::Ordinary => {
                let stop = self.last(0, &|open| open.element == element || open.kind.is_special());
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
                // It makes an empty paragraph.
                None => return End::Harmless,
                found => found,
            },
            Kind::ListItem => {
                let in_list = self.contains(Element::OL) || self.contains(Element::UL);
                // The innermost of both decides.
                let is_list = |open: &Open| matches!(open.element, Element::OL | Element::UL);
                let stop = self.rfind(scope, element, &|open| open.kind == kind || is_list(open));
                match stop.filter(|at| self.kind(*at) == Some(kind)) {
                    None if in_list => return End::Harmless,
                    found => found,
                }
            }
            Kind::Table => self.rfind(0, element, &|open| open.kind == Kind::Table),
            Kind::Caption | Kind::Section | Kind::Row | Kind::Cell => {
                let table = self.rfind(0, Element::TABLE, &|open| open.kind == Kind::Table);
                self.rfind(table.map_or(0, |at| at + 1), element, &|open| open.element == element)
            }
        };
        let Some(at) = found else { return beyond };
        self.close_to(at + 1, on);
        self.pop().map_or(beyond, |open| End::Closes(open.element))
    }

    /// Closes all that stands open.
    pub fn finish(&mut self, on: On<'_>) {
        self.close_to(0, on);
    }

    fn end_formatting(&mut self, element: Element, on: On<'_>) -> End {
        let cell = self.cell();
        let from = cell.map_or(0, |at| at + 1);
        match self.rfind(from, element, &|open| open.element == element) {
            // A table that is still open shields it, and it stays open.
            Some(at) if self.scope().is_some_and(|scope| scope > at) => End::Harmless,
            Some(at) => {
                self.adopt(at, on, false);
                End::Closes(element)
            }
            None => {
                let beyond = self.carried_beyond_cell();
                match self.carried.iter().rposition(|known| *known == element).filter(|at| *at >= beyond) {
                    Some(at) => {
                        self.forget(at, element);
                        End::Late
                    }
                    None if cell.is_some() => End::Harmless,
                    None => End::Escapes,
                }
            }
        }
    }

    /// Takes an element out of what is to be carried on, from a place on.
    fn forget(&mut self, from: usize, element: Element) {
        let mut at = 0;
        count(self.carried.len());
        self.carried.retain(|known| {
            at += 1;
            at <= from || *known != element
        });
    }

    /// Closes a formatting element. Where blocks stand open inside it, it alone goes, and they stay.
    fn adopt(&mut self, at: usize, on: On<'_>, unasked: bool) {
        match self.last(at + 1, &|open| open.kind.is_special()) {
            Some(special) => {
                self.close_to(special + 1, on);
                let mut above = Vec::new();
                while self.open.len() > at + 1 {
                    above.extend(self.open.pop());
                }
                if let Some(element) = self.pop() {
                    on(Event::Closed(element));
                }
                // What stood above stands one deeper now.
                while let Some(open) = above.pop() {
                    self.put(open);
                }
            }
            None => {
                self.close_to(at + 1, on);
                match self.pop() {
                    Some(element) if unasked => on(Event::Closed(element)),
                    _ => {}
                }
            }
        }
    }

    /// Closes and opens what stands between the innermost table and a part of it; false outside any table.
    fn make_room(&mut self, kind: Kind, on: On<'_>) -> bool {
        let Some(table) = self.rfind(0, Element::TABLE, &|open| open.kind == Kind::Table) else { return false };
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

    fn imply(&mut self, element: Element, on: On<'_>) {
        self.push(element, None);
        on(Event::Opened(element));
    }

    fn close_paragraph(&mut self, on: On<'_>) {
        let scope = self.scope().map_or(0, |at| at + 1);
        if let Some(at) = self.rfind(scope, Element::P, &|open| open.kind == Kind::Paragraph) {
            self.close_to(at, on);
        }
    }

    fn push(&mut self, element: Element, mark: Option<usize>) {
        let kind = element.kind();
        self.count(element, 1);
        self.specials += usize::from(kind.is_special());
        self.put(Open { element, kind, mark, carried: self.carried.len(), scope: None, cell: None });
    }

    /// Puts an element that is counted already on top.
    fn put(&mut self, open: Open) {
        let here = Some(self.open.len());
        let scope = if open.kind.bounds_scope() { here } else { self.scope() };
        let cell = if open.kind.bounds_formatting() { here } else { self.cell() };
        self.open.push(Open { scope, cell, ..open });
    }

    fn pop(&mut self) -> Option<Open> {
        let open = self.open.pop()?;
        self.count(open.element, -1);
        self.specials = self.specials.saturating_sub(usize::from(open.kind.is_special()));
        if open.kind.bounds_formatting() {
            self.carried.truncate(open.carried);
        }
        Some(open)
    }

    /// Closes what stands open beyond a depth, all of it out of turn.
    fn close_to(&mut self, depth: usize, on: On<'_>) {
        while self.open.len() > depth {
            count(1);
            let Some(open) = self.pop() else { return };
            // A browser carries three alike on and forgets the others.
            if open.kind == Kind::Formatting && self.carried.iter().filter(|known| **known == open.element).count() < 3
            {
                self.carried.push(open.element);
            }
            on(Event::Closed(open));
        }
    }

    fn kind(&self, at: usize) -> Option<Kind> {
        self.open.get(at).map(|open| open.kind)
    }

    /// Where the innermost element stands that bounds the scope of end tags.
    fn scope(&self) -> Option<usize> {
        self.open.last()?.scope
    }

    /// Where the innermost cell or caption stands.
    fn cell(&self) -> Option<usize> {
        self.open.last()?.cell
    }

    /// How many of the elements to be carried on come from beyond the innermost cell, and are not carried on inside it.
    fn carried_beyond_cell(&self) -> usize {
        self.cell().and_then(|at| self.open.get(at)).map_or(0, |cell| cell.carried)
    }

    /// Counts an element that is opened or closed.
    fn count(&mut self, element: Element, more: isize) {
        if let Some(count) = self.counts.get_mut(element.place()) {
            *count = count.saturating_add_signed(more);
        }
    }

    /// The innermost element from a depth on for which something holds, which this one must be open for.
    fn rfind(&self, from: usize, element: Element, is: &dyn Fn(&Open) -> bool) -> Option<usize> {
        if !self.contains(element) {
            return None;
        }
        self.last(from, is)
    }

    /// The innermost element from a depth on for which something holds.
    fn last(&self, from: usize, is: &dyn Fn(&Open) -> bool) -> Option<usize> {
        let found = self.open.get(from..)?.iter().rposition(is).map(|at| from + at);
        count(self.open.len() - found.unwrap_or(from));
        found
    }
}
