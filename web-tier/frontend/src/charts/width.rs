//! How wide an element is now: charts are drawn in real pixels, so that their letters keep their size.

use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, ResizeObserver};
use yew::prelude::*;

/// The width of an element in pixels; zero until it is known.
#[hook]
pub fn use_width(node: &NodeRef) -> f64 {
    let width = use_state_eq(|| 0);
    {
        let (node, width) = (node.clone(), width.setter());
        use_effect_with((), move |()| {
            let watch = node.cast::<Element>().and_then(|element| {
                width.set(element.client_width());
                let seen = element.clone();
                let closure = Closure::<dyn FnMut()>::new(move || width.set(seen.client_width()));
                let observer = ResizeObserver::new(closure.as_ref().unchecked_ref()).ok()?;
                observer.observe(&element);
                Some((observer, closure))
            });
            move || {
                if let Some((observer, _closure)) = watch {
                    observer.disconnect();
                }
            }
        });
    }
    f64::from(*width)
}
