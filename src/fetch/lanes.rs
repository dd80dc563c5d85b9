//! The order of each thread's messages: each waits for the end of the last one in its lanes.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use js_sys::{Array, Function, Object, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};

#[derive(Debug, Default)]
pub(super) struct Lanes {
    /// The end of the last message in each lane.
    ends: Ends,
}

type Ends = Rc<RefCell<HashMap<String, Promise>>>;

/// A place in some lanes; who drops it is done.
pub(super) struct Turn {
    before: Promise,
    end: Promise,
    done: Function,
    ends: Ends,
}

impl Lanes {
    /// Joins the end of lanes.
    pub fn join(&self, lanes: &[String]) -> Turn {
        let mut done = Function::default();
        let end = Promise::new(&mut |resolve, _| done = resolve);
        let before = Array::new();
        let mut ends = self.ends.borrow_mut();
        for lane in lanes {
            if let Some(last) = ends.insert(lane.clone(), end.clone()) {
                before.push(&last);
            }
        }
        Turn { before: Promise::all(&before), end, done, ends: Rc::clone(&self.ends) }
    }
}

impl Turn {
    pub async fn wait(&self) {
        let _ = JsFuture::from(self.before.clone()).await;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        // Who left early may not let those behind overtake those before.
        let (before, end, done) = (self.before.clone(), self.end.clone(), self.done.clone());
        let ends = Rc::clone(&self.ends);
        spawn_local(async move {
            let _ = JsFuture::from(before).await;
            // Where nobody joined behind it, the lane is gone.
            ends.borrow_mut().retain(|_, last| !Object::is(last, &end));
            let _ = done.call0(&JsValue::UNDEFINED);
        });
    }
}
