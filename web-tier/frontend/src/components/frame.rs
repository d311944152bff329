//! What surrounds every page: header with the question box, navigation, flashbar; and the keys that work everywhere.

use contract::auth::{Me, Permission};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlInputElement, KeyboardEvent};
use yew::prelude::*;
use yew_router::prelude::*;

use super::{
    flashbar::Flashbar,
    icon::Icon,
    link::{Go, go},
    loaded::empty,
    menu::Menu,
    navigation::Navigation,
    palette::Palette,
};
use crate::{
    browser::{self, Listener},
    pages::password::PasswordDialog,
    routes::{Route, switch},
    session::use_session,
    theme::{Theme, ThemeHandle},
};

const COLLAPSED_AS: &str = "skydesk.navigation";
const QUESTION_BOX: &str = "header-question";

#[derive(Debug, Properties, PartialEq)]
pub struct FrameProps {
    pub me: Rc<Me>,
}

/// See the module.
#[component]
pub fn Frame(props: &FrameProps) -> Html {
    let session = use_session();
    let collapsed = use_state_eq(|| browser::kept(COLLAPSED_AS).as_deref() == Some("collapsed"));
    let drawer = use_state_eq(|| false);
    let palette = use_state_eq(|| false);
    let route = use_route::<Route>().unwrap_or(Route::NotFound);
    use_effect_with(route.clone(), |_| browser::scroll_up());
    {
        let palette = palette.setter();
        use_effect_with((), move |()| {
            let keys = Listener::on_window("keydown", move |event| {
                let Some(key) = event.dyn_ref::<KeyboardEvent>() else { return };
                match key.key().as_str() {
                    "k" | "K" if key.ctrl_key() || key.meta_key() => {
                        event.prevent_default();
                        palette.set(true);
                    }
                    "/" if !browser::is_typing() && !key.ctrl_key() && !key.alt_key() => {
                        event.prevent_default();
                        browser::focus(QUESTION_BOX);
                    }
                    _ => {}
                }
            });
            move || drop(keys)
        });
    }
    let on_collapse = {
        let (now, collapsed) = (*collapsed, collapsed.setter());
        Callback::from(move |()| {
            browser::keep(COLLAPSED_AS, if now { "open" } else { "collapsed" });
            collapsed.set(!now);
        })
    };
    let show_drawer = |open: bool| {
        let drawer = drawer.setter();
        Callback::from(move |()| drawer.set(open))
    };
    let show_palette = |open: bool| {
        let palette = palette.setter();
        Callback::from(move |()| palette.set(open))
    };
    let allowed = route.needs().is_none_or(|needs| session.may(needs));
    html! {
        <div class={classes!("frame", collapsed.then_some("is-collapsed"), drawer.then_some("has-drawer"))}>
            <a href="#content" class="skip-link">{ "Skip to content" }</a>
            <header class="frame-head">
                <button type="button" class="icon-button lg:hidden" aria-label="Open navigation" onclick={show_drawer(true).reform(|_| ())}
                    data-testid="open-navigation">
                    <Icon name="menu" />
                </button>
                <Go to={Route::Overview} class="brand" label="Skydesk, overview">
                    <span class="brand-mark" aria-hidden="true"><Icon name="desktops" /></span><span class="brand-word">{ "Skydesk" }</span>
                </Go>
                if session.may(Permission::QuestionsAsk) { <QuestionBox /> } else { <span class="flex-1" /> }
                <button type="button" class="btn btn-sm hidden md:inline-flex" onclick={show_palette(true).reform(|_| ())} data-testid="open-palette">
                    <Icon name="search" />{ "Jump to" }<kbd class="kbd kbd-xs">{ "Ctrl K" }</kbd>
                </button>
                <ThemeSwitch />
                <UserMenu me={props.me.clone()} />
            </header>
            if *drawer {
                <button type="button" class="drawer-shade" aria-label="Close navigation" onclick={show_drawer(false).reform(|_| ())} />
            }
            <aside class="frame-nav"><Navigation collapsed={*collapsed && !*drawer} {on_collapse} after={show_drawer(false)} /></aside>
            <main id="content" tabindex="-1" class="frame-main">
                <Flashbar />
                if allowed {
                    { switch(route) }
                } else {
                    { empty("shield", "Your role does not show this page", "An administrator can give you a role that does.", Html::default()) }
                }
            </main>
            if *palette { <Palette on_close={show_palette(false)} /> }
        </div>
    }
}

#[component]
fn QuestionBox() -> Html {
    let navigator = use_navigator();
    let text = use_state(String::new);
    let oninput = {
        let text = text.setter();
        Callback::from(move |event: InputEvent| {
            text.set(event.target_unchecked_into::<HtmlInputElement>().value())
        })
    };
    let onsubmit = {
        let text = text.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let question = text.trim().to_owned();
            if let (false, Some(navigator)) = (question.is_empty(), &navigator) {
                go(navigator, &Route::Ask, &[("q".to_owned(), question)]);
                text.set(String::new());
            }
        })
    };
    html! {
        <form role="search" aria-label="Ask from any page" class="question-box" {onsubmit}>
            <Icon name="ask" class="text-accent" />
            <input id={QUESTION_BOX} type="text" value={(*text).clone()} {oninput} autocomplete="off" maxlength="500"
                aria-label="Ask about your desktops" placeholder="Ask about your desktops" data-testid="header-ask" />
            <kbd class="kbd kbd-xs hidden sm:inline-flex" aria-hidden="true">{ "/" }</kbd>
        </form>
    }
}

#[component]
fn ThemeSwitch() -> Html {
    let Some(theme) = use_context::<ThemeHandle>() else { return Html::default() };
    html! {
        <div class="segments hidden sm:inline-flex" role="group" aria-label="Theme">
            { for Theme::ALL.map(|choice| {
                let (icon, label) = match choice {
                    Theme::Auto => ("auto", "Theme as the system has it"),
                    Theme::Light => ("sun", "Light theme"),
                    Theme::Dark => ("moon", "Dark theme"),
                };
                let theme = theme.clone();
                html! {
                    <button type="button" class="segment" aria-label={label} title={label}
                        aria-pressed={if *theme == choice { "true" } else { "false" }}
                        data-testid={format!("theme-{}", choice.name())}
                        onclick={Callback::from(move |_| theme.dispatch(choice))}>
                        <Icon name={icon} />
                    </button>
                }
            }) }
        </div>
    }
}

#[derive(Debug, Properties, PartialEq)]
struct UserMenuProps {
    me: Rc<Me>,
}

#[component]
fn UserMenu(props: &UserMenuProps) -> Html {
    let session = use_session();
    let theme = use_context::<ThemeHandle>();
    let password = use_state_eq(|| false);
    let show_password = |open: bool| {
        let password = password.setter();
        Callback::from(move |()| password.set(open))
    };
    let sign_out = Callback::from(move |_: MouseEvent| {
        let session = session.clone();
        spawn_local(async move { session.sign_out().await });
    });
    let next_theme = theme.map(|theme| {
        let next = match *theme {
            Theme::Auto => Theme::Light,
            Theme::Light => Theme::Dark,
            Theme::Dark => Theme::Auto,
        };
        let label = format!("Theme: {}", theme.name());
        (label, Callback::from(move |_: MouseEvent| theme.dispatch(next)))
    });
    let face = html! { <><Icon name="user" /><span class="hidden max-w-32 truncate lg:inline">{ &props.me.username }</span></> };
    html! {
        <>
            <Menu label={format!("{}, your account", props.me.username)} {face} testid="user-menu">
                <p class="menu-head">
                    <span class="font-medium">{ &props.me.username }</span>
                    <span class="text-muted">{ props.me.role.name() }</span>
                </p>
                if let Some((label, onclick)) = next_theme {
                    <button type="button" class="menu-item sm:hidden" {onclick}><Icon name="auto" />{ label }</button>
                }
                <button type="button" class="menu-item" onclick={show_password(true).reform(|_| ())}>
                    <Icon name="key" />{ "Change password" }
                </button>
                <button type="button" class="menu-item" onclick={sign_out} data-testid="sign-out"><Icon name="signout" />{ "Sign out" }</button>
            </Menu>
            if *password { <PasswordDialog on_close={show_password(false)} /> }
        </>
    }
}
