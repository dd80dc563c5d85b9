//! The kinds of elements that the tree construction rules of the HTML standard tell apart.

/// The kind of an element: all elements of one kind follow the same rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An element without content and without an end tag.
    Void,
    /// A void element that ends a paragraph.
    Rule,
    /// A formatting element. A browser opens it again if it was closed by something else than its own end tag.
    Formatting,
    /// An element without rules of its own, which an unknown element is as well.
    Ordinary,
    /// An element that ends a paragraph and has no other rules.
    Block,
    /// `h1` to `h6`. A heading ends a paragraph.
    Heading,
    /// `p`. A paragraph ends a paragraph.
    Paragraph,
    /// `li`. A list item ends a paragraph.
    ListItem,
    /// `dd` and `dt`. Both end a paragraph.
    Definition,
    /// `table`. A table ends a paragraph.
    Table,
    Caption,
    /// `tbody`, `thead`, `tfoot`.
    Section,
    Row,
    Cell,
    // A body allows no element of the following kinds: only the input of the sanitiser contains them.
    /// `col` and `colgroup`.
    Column,
    /// `button`. No end tag reaches an element outside it, and its start tag closes an open button.
    Button,
    /// `object`, `applet` and `marquee`. No end tag reaches an element outside them. They bound scopes and formatting.
    Bounded,
    Select,
    Template,
    RawText,
    /// An element of SVG that contains no HTML.
    Svg,
    /// An element of MathML that contains no HTML.
    Math,
    /// An HTML integration point: an element of SVG or MathML that contains HTML.
    HtmlInForeign,
    /// A text integration point of MathML: most tags in it are HTML.
    TextInMath,
    /// `annotation-xml` that is no HTML integration point.
    AnnotationXml,
}

impl Kind {
    pub const fn is_special(self) -> bool {
        !matches!(self, Kind::Formatting | Kind::Ordinary | Kind::Svg | Kind::Math)
    }

    /// Whether it is an element of SVG or MathML.
    pub const fn is_foreign(self) -> bool {
        matches!(self, Kind::Svg | Kind::Math | Kind::HtmlInForeign | Kind::TextInMath | Kind::AnnotationXml)
    }

    /// Whether it is a foreign element that contains no HTML: text and most tags in it are foreign as well.
    pub const fn keeps_html_out(self) -> bool {
        matches!(self, Kind::Svg | Kind::Math | Kind::AnnotationXml)
    }

    /// Whether a browser shows its content and the content around it in different lines or cells.
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

    /// Whether its start tag opens formatting elements again that were closed by something else than their own end tag.
    pub const fn carries_formatting_on(self) -> bool {
        matches!(
            self,
            Kind::Formatting | Kind::Ordinary | Kind::Button | Kind::Bounded | Kind::Select | Kind::Svg | Kind::Math
        )
    }

    /// Whether it is a part of a table, which means nothing outside a table.
    pub const fn is_table_part(self) -> bool {
        matches!(self, Kind::Caption | Kind::Section | Kind::Row | Kind::Cell)
    }

    /// Whether it bounds a scope: most end tags look for their element only inside it.
    pub const fn bounds_scope(self) -> bool {
        self.bounds_formatting()
            || matches!(self, Kind::Table | Kind::Select | Kind::HtmlInForeign | Kind::TextInMath | Kind::AnnotationXml)
    }

    /// Whether it is a table, or an element in a table that may contain text and any element.
    pub const fn decides_on_tables(self) -> bool {
        matches!(self, Kind::Table | Kind::Caption | Kind::Cell | Kind::Template)
    }

    /// Whether it bounds formatting: formatting elements that were closed outside it are not opened again inside it.
    pub const fn bounds_formatting(self) -> bool {
        matches!(self, Kind::Caption | Kind::Cell | Kind::Bounded | Kind::Template)
    }
}
