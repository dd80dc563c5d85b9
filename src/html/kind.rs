//! The groups of elements that the tree construction rules of the HTML standard tell apart.

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
    // What follows is not allowed in a body: only the input of the sanitiser has it.
    /// `col` and `colgroup`.
    Column,
    /// No end tag passes it, and its start tag closes an open one.
    Button,
    /// `object`, `applet` and `marquee`: no end tag passes them, and they bound scopes and formatting.
    Bounded,
    Select,
    Template,
    RawText,
    /// Elements of SVG and of MathML, and those of them in which HTML goes on: an HTML integration point of either, a text
    /// integration point of MathML, and `annotation-xml` that is none.
    Svg,
    Math,
    HtmlInForeign,
    TextInMath,
    AnnotationXml,
}

impl Kind {
    pub const fn is_special(self) -> bool {
        !matches!(self, Kind::Formatting | Kind::Ordinary | Kind::Svg | Kind::Math)
    }

    /// An element of SVG or MathML.
    pub const fn is_foreign(self) -> bool {
        matches!(self, Kind::Svg | Kind::Math | Kind::HtmlInForeign | Kind::TextInMath | Kind::AnnotationXml)
    }

    /// A foreign element in which text and most tags belong to it.
    pub const fn keeps_html_out(self) -> bool {
        matches!(self, Kind::Svg | Kind::Math | Kind::AnnotationXml)
    }

    /// Whether text in it stands apart from what is around it.
    pub const fn begins_a_line(self) -> bool {
        self.is_table_part()
            || matches!(
                self,
                Kind::Rule
                    | Kind::Block
                    | Kind::Heading
                    | Kind::Paragraph
                    | Kind::ListItem
                    | Kind::Definition
                    | Kind::Table
            )
    }

    /// Formatting elements that were closed out of turn go on in it.
    pub const fn carries_formatting_on(self) -> bool {
        matches!(
            self,
            Kind::Formatting | Kind::Ordinary | Kind::Button | Kind::Bounded | Kind::Select | Kind::Svg | Kind::Math
        )
    }

    /// A part of a table that means something in a table only.
    pub const fn is_table_part(self) -> bool {
        matches!(self, Kind::Caption | Kind::Section | Kind::Row | Kind::Cell)
    }

    /// Ends the scope in which most end tags look for their element.
    pub const fn bounds_scope(self) -> bool {
        self.bounds_formatting()
            || matches!(self, Kind::Table | Kind::Select | Kind::HtmlInForeign | Kind::TextInMath | Kind::AnnotationXml)
    }

    /// A table, or what ends the part of a table in which text and most elements have no place.
    pub const fn decides_on_tables(self) -> bool {
        matches!(self, Kind::Table | Kind::Caption | Kind::Cell | Kind::Template)
    }

    /// Formatting elements are carried on within these, and not beyond.
    pub const fn bounds_formatting(self) -> bool {
        matches!(self, Kind::Caption | Kind::Cell | Kind::Bounded | Kind::Template)
    }
}
