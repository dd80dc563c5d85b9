//! What a browser does with tags: which elements stand open, and what each tag closes or opens unasked.
//!
//! This follows the tree construction rules of the HTML standard, in a host that is a `div`; foreign content (`svg`, `math`) is in
//! `input.rs`. Exact is what it says of the elements that the standard calls *special* (blocks, lists, tables): they decide what
//! an end tag reaches. Of the adoption agency, which rearranges formatting elements, only the effect on what stands open is
//! kept.

use super::element::{self, Element};
use super::kind::Kind;
use crate::steps::count;

/// How many elements of the input are followed in each other: a tag may have to look at all of them. Deeper ones are taken for
/// text around their content; no element is written as deep as that.
const MAX_INPUT_DEPTH: usize = 256;

/// An element that stands open.
#[derive(Clone, Copy, Debug)]
pub(super) struct Open<'a> {
    pub element: Element,
    pub kind: Kind,
    /// Its name where it is unknown or foreign.
    pub name: &'a str,
    /// Whether it is an item of a list that stands in none: what holds the fragment could be an item, which a browser would close.
    pub outside_list: bool,
    /// Where the caller has its start tag; nothing where nobody wrote one.
    pub place: Option<usize>,
    /// How many formatting elements were to be carried on when it was opened.
    carried: usize,
    /// Where the innermost element stands that bounds scopes, itself included, so that no tag has to look for it.
    scope: Option<usize>,
    /// Where the innermost element stands that bounds formatting, itself included.
    cell: Option<usize>,
    /// Where the innermost table, caption, cell or template stands, itself included.
    table: Option<usize>,
}

impl<'a> Open<'a> {
    pub const fn new(element: Element, kind: Kind, name: &'a str) -> Self {
        Self { element, kind, name, outside_list: false, place: None, carried: 0, scope: None, cell: None, table: None }
    }
}

/// What happened to the elements that stand open.
#[derive(Debug)]
pub(super) enum Event<'a> {
    /// An element was opened that nobody wrote: the `tbody` of a `tr`.
    Opened(Element),
    /// An element was closed by something else than its own end tag.
    Closed(Open<'a>),
}

/// Who wants to know of what happens.
type On<'a, 'n> = &'a mut dyn FnMut(Event<'n>);

/// What a start tag does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// It opens its element.
    Opens,
    /// Nothing stands open for it: it is void, or its raw text is left to the caller.
    IsVoid,
    /// It opens an item of a list that stands in none.
    OpensOutsideList,
    /// A browser leaves it out, since it means nothing where it stands.
    Ignored,
}

/// What an end tag does.
#[derive(Debug)]
pub(super) enum End<'a> {
    /// It closes this element.
    Closes(Open<'a>),
    /// There is nothing more to say: its formatting element was closed before, or this tag closed it and left open the blocks in it.
    Late,
    /// It does nothing, or makes an empty element, inside the fragment.
    Harmless,
    /// It would look for its element outside the fragment.
    Escapes,
}

/// The elements that stand open, the innermost last.
#[derive(Debug)]
pub(super) struct Tree<'a> {
    open: Vec<Open<'a>>,
    /// Formatting elements that were closed out of turn, which a browser carries on.
    carried: Vec<Element>,
    /// How many of each element stand open: a tag that looks for one in vain costs nothing.
    counts: [usize; element::ALL],
    /// How many special elements stand open.
    specials: usize,
    /// What it follows.
    of: Of,
}

/// What a tree follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    /// A fragment that is checked. What stands open is judged, not what it is formatted as, so formatting elements that were closed
    /// out of turn need not be opened again.
    Checked,
    /// What the sanitiser writes, with the end of each element. An item outside a list is a `div` there.
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

    /// The element at a depth.
    pub fn at(&self, depth: usize) -> Option<&Open<'a>> {
        self.open.get(depth)
    }

    /// Keeps where the start tag stands of the element that was opened last.
    pub fn set_place(&mut self, place: usize) {
        if let Some(open) = self.open.last_mut() {
            open.place = Some(place);
        }
    }

    /// Keeps that the start tags from a depth on stand so many bytes earlier now.
    pub fn move_places(&mut self, depth: usize, bytes: usize) {
        for open in self.open.iter_mut().skip(depth) {
            open.place = open.place.map(|place| place.saturating_sub(bytes));
        }
    }

    pub fn contains(&self, element: Element) -> bool {
        self.counts.get(element.place()).is_some_and(|count| *count > 0)
    }

    /// Whether what comes now stands in a table and in none of its cells: a browser moves it out of the table.
    pub fn is_between_cells(&self) -> bool {
        self.table().is_some_and(|at| self.kind(at) == Some(Kind::Table))
    }

    /// Whether the end tag of an element would rearrange elements rather than close some.
    pub fn would_rearrange(&self, element: Element) -> bool {
        self.open.iter().rev().take_while(|open| open.element != element).any(|open| open.kind.is_special())
    }

    /// Takes a start tag into account. The name says which element it is where that is unknown.
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
            // Their namespaces say what they are.
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

    /// Takes an end tag into account. The name says which element it is where that is unknown.
    pub fn end(&mut self, element: Element, name: &str, on: On<'_, 'a>) -> End<'a> {
        let kind = element.kind();
        let beyond = if self.scope().is_some() { End::Harmless } else { End::Escapes };
        let scope = self.scope().map_or(0, |at| at + 1);
        let found = match kind {
            Kind::Void | Kind::Rule | Kind::RawText | Kind::Column => return End::Harmless,
            Kind::Formatting => return self.end_formatting(element, on),
            // The end tag of a foreign element means one of HTML with its name here, and there is none.
            _ if kind.is_foreign() || kind == Kind::Ordinary && !self.contains(element) => {
                return if self.specials > 0 { End::Harmless } else { beyond };
            }
            Kind::Button | Kind::Bounded | Kind::Select => self.in_scope(element),
            Kind::Template => self.rfind(0, element, &|open| open.element == element),
            Kind::Block if element == Element::FORM => {
                // It goes alone, whatever stands open in it.
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
                // It makes an empty paragraph.
                None => return End::Harmless,
                found => found,
            },
            Kind::ListItem => {
                let in_list = self.contains(Element::OL) || self.contains(Element::UL);
                // The innermost of both decides.
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

    /// Closes all that stands open.
    pub fn finish(&mut self, on: On<'_, 'a>) {
        self.close_to(0, on);
    }

    fn end_formatting(&mut self, element: Element, on: On<'_, 'a>) -> End<'a> {
        match self.in_cell(element) {
            // A table that is still open shields it, and it stays open.
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

    /// Takes an element out of what is to be carried on, from a place on.
    fn forget(&mut self, from: usize, element: Element) {
        let mut at = 0;
        count(self.carried.len());
        self.carried.retain(|known| {
            at += 1;
            at <= from || *known != element
        });
    }

    /// Closes a formatting element and returns it. Where special elements stand open in it, it closes what stands in the innermost of
    /// them, takes the formatting element alone out, and returns none.
    fn adopt(&mut self, at: usize, on: On<'_, 'a>) -> Option<Open<'a>> {
        if let Some(special) = self.last(at + 1, &|open| open.kind.is_special()) {
            self.close_to(special + 1, on);
            self.remove(at, on);
            return None;
        }
        self.close_to(at + 1, on);
        self.pop()
    }

    /// Takes an element out, while what stands in it stays open.
    pub fn remove(&mut self, at: usize, on: On<'_, 'a>) {
        let Some(open) = self.open.get(at).copied() else { return };
        let mut depth = 0;
        // `Vec::remove` would bring what formats its panic.
        self.open.retain(|_| {
            depth += 1;
            depth != at + 1
        });
        self.uncount(&open);
        on(Event::Closed(open));
        (at..self.open.len()).for_each(|above| self.link(above));
    }

    /// Opens the formatting elements again that were closed out of turn, as a browser does before most elements.
    fn carry_on(&mut self) {
        let beyond = self.carried_beyond_cell();
        let carried = self.carried.get(beyond..).unwrap_or_default().to_vec();
        self.carried.truncate(beyond);
        for element in carried {
            self.push(Open::new(element, Kind::Formatting, ""));
        }
    }

    /// Closes and opens what stands between the innermost table and a part of it; false outside any table.
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

    /// Finds out what bounds the scopes at a depth.
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

    /// Closes what stands open beyond a depth, all of it out of turn.
    pub fn close_to(&mut self, depth: usize, on: On<'_, 'a>) {
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

    pub fn kind(&self, at: usize) -> Option<Kind> {
        self.open.get(at).map(|open| open.kind)
    }

    /// Where the innermost element stands that bounds the scope of end tags.
    fn scope(&self) -> Option<usize> {
        self.open.last()?.scope
    }

    /// Where the innermost table, caption, cell or template stands: a table means that what comes stands in none of its cells.
    fn table(&self) -> Option<usize> {
        self.open.last()?.table
    }

    /// Where the innermost table stands; none when a template stands open in it.
    fn innermost_table(&self) -> Option<usize> {
        let at = self.rfind(0, Element::TABLE, &|open| matches!(open.kind, Kind::Table | Kind::Template))?;
        (self.kind(at) == Some(Kind::Table)).then_some(at)
    }

    /// Where a formatting element stands open in this cell, whatever else stands between.
    pub fn in_cell(&self, element: Element) -> Option<usize> {
        self.rfind(self.cell().map_or(0, |at| at + 1), element, &|open| open.element == element)
    }

    /// Where an element stands open that an end tag can reach. The boundary counts: an `object` or a `select` is one itself.
    fn in_scope(&self, element: Element) -> Option<usize> {
        self.rfind(self.scope().unwrap_or(0), element, &|open| open.element == element)
    }

    /// Where the innermost element stands that formatting does not cross: a cell, a caption, an `object` or the like, a `template`.
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
    fn rfind(&self, from: usize, element: Element, is: &dyn Fn(&Open<'a>) -> bool) -> Option<usize> {
        if !self.contains(element) {
            return None;
        }
        self.last(from, is)
    }

    /// The innermost element from a depth on for which something holds.
    pub fn last(&self, from: usize, is: &dyn Fn(&Open<'a>) -> bool) -> Option<usize> {
        let found = self.open.get(from..)?.iter().rposition(is).map(|at| from + at);
        count(self.open.len() - found.unwrap_or(from));
        found
    }
}
