//! Reads the modules of a crate and finds what each of them uses.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemMod, ItemUse, Meta, UseTree, Visibility};

/// The path of a module from the root of the crate; empty for the root. As a key of [`Arrows`] it always names a file:
/// a module in braces counts as part of the file that contains it.
pub type Name = Vec<String>;

/// The arrows: for each file, the files that it uses. A use of a re-export points to the file that defines the name.
pub type Arrows = BTreeMap<Name, BTreeSet<Name>>;

/// A module of the crate.
#[derive(Default)]
struct Module {
    /// The modules that it declares, in braces or as files, without the modules for tests.
    children: BTreeSet<String>,
    /// The names that it brings into scope, each with the path that it stands for.
    scope: BTreeMap<String, Vec<String>>,
    /// All paths in the module, as they are written.
    paths: Vec<Vec<String>>,
    /// Whether the module is in braces. Its paths then count as paths of the file that contains it.
    is_inline: bool,
}

/// The modules of a crate, by their names.
#[derive(Default)]
pub struct Crate {
    modules: BTreeMap<Name, Module>,
}

impl Crate {
    /// Reads a crate from the path of its root file.
    pub fn read(root: &Path) -> Self {
        let folder = root.parent().unwrap();
        let text = |path: &[String]| {
            let base = path.iter().fold(folder.to_owned(), |base, part| base.join(part));
            let files = if path.is_empty() {
                [root.to_owned(), root.to_owned()]
            } else {
                [base.with_extension("rs"), base.join("mod.rs")]
            };
            files
                .iter()
                .find_map(|file| fs::read_to_string(file).ok())
                .unwrap_or_else(|| panic!("no file for {path:?}"))
        };
        Self::from(&text)
    }

    /// Reads a crate from a function that returns the text of a module's file.
    pub fn from(text: &dyn Fn(&[String]) -> String) -> Self {
        let mut this = Self::default();
        this.add(Vec::new(), text);
        this
    }

    fn add(&mut self, name: Name, text: &dyn Fn(&[String]) -> String) {
        let file = syn::parse_file(&text(&name)).unwrap_or_else(|error| panic!("{name:?}: {error}"));
        let mut reader = Reader { name, krate: self, files: Vec::new() };
        reader.begin(false);
        reader.visit_file(&file);
        for name in reader.files {
            self.add(name, text);
        }
    }

    /// The top-level modules, which the root declares.
    pub fn top_level_modules(&self) -> impl Iterator<Item = &String> {
        self.modules[&Vec::new()].children.iter()
    }

    /// All arrows of the crate, except those from a file to itself and those from or to the root.
    pub fn arrows(&self) -> Arrows {
        let mut arrows = Arrows::new();
        for (name, module) in &self.modules {
            let from = self.file(name.clone());
            let used = module.paths.iter().filter_map(|path| self.resolve(name, path, 0));
            let used = used.filter(|to| *to != from && !to.is_empty());
            arrows.entry(from.clone()).or_default().extend(used);
        }
        arrows.remove(&Vec::new());
        arrows
    }

    /// Finds the file that defines the target of a path in a module. Returns `None` if the target is local or belongs
    /// to another crate.
    fn resolve(&self, from: &Name, path: &[String], depth: usize) -> Option<Name> {
        assert!(depth < 20, "{from:?} brings {path:?} into scope by way of itself");
        let (first, rest) = path.split_first()?;
        let mut module = match first.as_str() {
            "crate" => Vec::new(),
            "self" => from.clone(),
            "super" => from[..from.len() - 1].to_vec(),
            name => return self.resolve_in(from, name, rest, depth, false),
        };
        let mut rest = rest;
        while let [name, after @ ..] = rest {
            if name == "super" {
                module.pop();
                rest = after;
                continue;
            }
            return self.resolve_in(&module, name, after, depth, true);
        }
        Some(self.file(module))
    }

    /// Finds the file that defines the target of a path that continues in `module` with `name` and then `rest`.
    /// `is_path` says whether other names came before `name`. If so, a name that is neither a child module nor in scope
    /// is defined in `module` itself. Otherwise it is local or belongs to another crate.
    fn resolve_in(&self, module: &Name, name: &str, rest: &[String], depth: usize, is_path: bool) -> Option<Name> {
        let known = self.modules.get(module)?;
        if known.children.contains(name) {
            let child: Name = module.iter().cloned().chain([name.to_owned()]).collect();
            return match rest {
                [] => Some(self.file(child)),
                [next, after @ ..] => self.resolve_in(&child, next, after, depth + 1, true),
            };
        }
        match known.scope.get(name) {
            Some(target) => {
                let path: Vec<String> = target.iter().chain(rest).cloned().collect();
                // A name from another crate has no file here, so this returns `None`.
                self.resolve(module, &path, depth + 1)
            }
            None => is_path.then(|| self.file(module.clone())),
        }
    }

    /// The file that contains a module.
    fn file(&self, mut name: Name) -> Name {
        while self.modules.get(&name).is_some_and(|module| module.is_inline) {
            name.pop();
        }
        name
    }
}

/// Visits the syntax of a file and fills its modules.
struct Reader<'a> {
    name: Name,
    krate: &'a mut Crate,
    /// The declared modules that have files of their own.
    files: Vec<Name>,
}

impl Reader<'_> {
    fn begin(&mut self, is_inline: bool) {
        self.krate.modules.insert(self.name.clone(), Module { is_inline, ..Module::default() });
    }

    fn module(&mut self) -> &mut Module {
        self.krate.modules.get_mut(&self.name).unwrap()
    }

    /// Brings the names of a `use` into scope. A re-export does not count as a use.
    fn bring(&mut self, tree: &UseTree, before: &[String], is_exported: bool) {
        let with = |name: &dyn ToString| before.iter().cloned().chain([name.to_string()]).collect::<Vec<_>>();
        let (name, path) = match tree {
            UseTree::Path(path) => return self.bring(&path.tree, &with(&path.ident), is_exported),
            UseTree::Group(group) => {
                return group.items.iter().for_each(|tree| self.bring(tree, before, is_exported));
            }
            UseTree::Glob(_) => return self.module().paths.push(before.to_vec()),
            UseTree::Name(name) if name.ident == "self" => {
                (before.last().cloned().unwrap_or_default(), before.to_vec())
            }
            UseTree::Name(name) => (name.ident.to_string(), with(&name.ident)),
            UseTree::Rename(rename) if rename.ident == "self" => (rename.rename.to_string(), before.to_vec()),
            UseTree::Rename(rename) => (rename.rename.to_string(), with(&rename.ident)),
        };
        if !is_exported {
            self.module().paths.push(path.clone());
        }
        // A path that begins with the name itself belongs to another crate or to a child of the same name.
        if path[0] != name {
            self.module().scope.insert(name, path);
        }
    }

    /// Finds the paths in the tokens of a macro.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == ':' && !path.is_empty() => colons += 1,
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        self.module().paths.push(std::mem::take(&mut path));
                    }
                    colons = 0;
                    path.push(ident.to_string());
                }
                other => {
                    self.module().paths.push(std::mem::take(&mut path));
                    colons = 0;
                    if let TokenTree::Group(group) = other {
                        self.tokens(group.stream());
                    }
                }
            }
        }
        self.module().paths.push(path);
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        let attributes = match item {
            Item::Mod(item) => &item.attrs,
            Item::Fn(item) => &item.attrs,
            Item::Use(item) => &item.attrs,
            Item::Impl(item) => &item.attrs,
            Item::Struct(item) => &item.attrs,
            Item::Static(item) => &item.attrs,
            Item::Const(item) => &item.attrs,
            _ => return visit::visit_item(self, item),
        };
        if !attributes.iter().any(is_of_tests) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        let name = item.ident.to_string();
        self.module().children.insert(name.clone());
        self.name.push(name);
        match &item.content {
            Some(_) => {
                self.begin(true);
                visit::visit_item_mod(self, item);
            }
            // A module can be declared twice, with different features.
            None if self.files.contains(&self.name) => {}
            None => self.files.push(self.name.clone()),
        }
        self.name.pop();
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let is_exported = !matches!(item.vis, Visibility::Inherited);
        self.bring(&item.tree, &[], is_exported);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.module().paths.push(names);
        visit::visit_path(self, path);
    }

    fn visit_attribute(&mut self, _: &'ast Attribute) {}

    /// Ignores the path in a visibility such as `pub(super)`.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}

    fn visit_macro(&mut self, found: &'ast syn::Macro) {
        self.tokens(found.tokens.clone());
    }
}

/// Whether an attribute limits its item to tests and documentation.
fn is_of_tests(attribute: &Attribute) -> bool {
    let Meta::List(list) = &attribute.meta else { return false };
    let condition = list.tokens.to_string().replace(' ', "");
    list.path.is_ident("cfg")
        && (matches!(condition.as_str(), "test" | "doctest") || condition.starts_with("all(test,"))
}
