//! The dialog in which a user is created or edited.

use std::rc::Rc;

use contract::{
    auth::Role,
    users::{MIN_PASSWORD_CHARS, NewUser, User, UserUpdate},
};
use yew::prelude::*;

use crate::{
    components::{
        dialog::Dialog,
        field::{ChoiceField, TextField},
        form::use_form,
    },
    notices::use_voice,
    session::use_client,
};

#[derive(Debug, Properties, PartialEq)]
pub(super) struct UserDialogProps {
    /// `None` creates one.
    #[prop_or_default]
    pub(super) user: Option<Rc<User>>,
    pub(super) on_saved: Callback<()>,
    pub(super) on_close: Callback<()>,
}

/// What is typed. No `Debug`: a password is not to be printed.
#[derive(Clone)]
struct Draft {
    username: String,
    email: String,
    password: String,
    role: String,
}

impl Draft {
    fn role(&self) -> Role {
        Role::parse(&self.role).unwrap_or(Role::Viewer)
    }

    fn new_user(&self) -> NewUser {
        NewUser {
            username: self.username.trim().to_owned(),
            email: self.email.trim().to_owned(),
            password: self.password.clone(),
            role: self.role(),
        }
    }

    /// Only what is different.
    fn update(&self, user: &User) -> UserUpdate {
        let email = self.email.trim().to_owned();
        UserUpdate {
            email: (email != user.email).then_some(email),
            role: (self.role() != user.role).then(|| self.role()),
            password: (!self.password.is_empty()).then(|| self.password.clone()),
            disabled: None,
        }
    }
}

/// See the module.
#[component]
pub(super) fn UserDialog(props: &UserDialogProps) -> Html {
    let (client, voice) = (use_client(), use_voice());
    let form = use_form(|| {
        let user = props.user.as_ref();
        Draft {
            username: user.map(|it| it.username.clone()).unwrap_or_default(),
            email: user.map(|it| it.email.clone()).unwrap_or_default(),
            role: user.map_or(Role::Viewer, |it| it.role).name().to_owned(),
            password: String::new(),
        }
    });
    let onsubmit = {
        let (user, on_saved) = (props.user.clone(), props.on_saved.clone());
        let check = {
            let user = user.clone();
            move |draft: &Draft| match &user {
                Some(user) => draft.update(user).check(),
                None => draft.new_user().check(),
            }
        };
        let send = move |draft: Draft| {
            let (client, user) = (client.clone(), user.clone());
            async move {
                match &user {
                    Some(user) => client.update_user(user.id, &draft.update(user)).await,
                    None => client.create_user(&draft.new_user()).await,
                }
            }
        };
        form.submit(check, send, move |draft| {
            voice.good(format!("{} saved", draft.username));
            on_saved.emit(());
        })
    };
    let draft = form.draft();
    let set = |change: fn(&mut Draft, String)| form.set(change);
    let is_new = props.user.is_none();
    let title =
        props.user.as_ref().map_or_else(|| "New user".to_owned(), |it| format!("Edit {}", it.username));
    let roles = [
        (Role::Requester, "Requester: only what is his own"),
        (Role::Viewer, "Viewer: reads and asks"),
        (Role::Operator, "Operator: also syncs and makes reports"),
        (Role::Admin, "Admin: also users, accounts, configuration"),
    ];
    let roles: Vec<_> =
        roles.iter().map(|(role, label)| (role.name().to_owned(), (*label).to_owned())).collect();
    let password_label = if is_new { "Password" } else { "New password" };
    let hint = if is_new {
        format!("At least {MIN_PASSWORD_CHARS} characters")
    } else {
        "Empty keeps the one there is; a new one ends the user's sessions".to_owned()
    };
    html! {
        <Dialog {title} on_close={props.on_close.clone()}>
            <form {onsubmit} data-testid="user-form">
                <div class="dialog-body">
                    <TextField label="User name" value={draft.username.clone()} on_input={set(|it, value| it.username = value)} disabled={!is_new}
                        error={form.error("/username")} autofocus={is_new} autocomplete="off" testid="user-name" />
                    <TextField label="E-mail" kind="email" value={draft.email.clone()} on_input={set(|it, value| it.email = value)}
                        error={form.error("/email")} hint="May be empty" autocomplete="off" testid="user-email" />
                    <ChoiceField label="Role" value={draft.role.clone()} options={roles} on_change={set(|it, value| it.role = value)}
                        error={form.error("/role")} testid="user-role" />
                    <TextField label={password_label} kind="password" value={draft.password.clone()} on_input={set(|it, value| it.password = value)}
                        error={form.error("/password")} {hint} autocomplete="new-password" testid="user-password" />
                    { form.note() }
                </div>
                <footer class="dialog-foot">
                    <button type="button" class="btn btn-sm" onclick={props.on_close.reform(|_| ())}>{ "Cancel" }</button>
                    <button type="submit" class="btn btn-sm btn-primary" disabled={form.is_busy()} data-testid="user-save">{ if form.is_busy() { "Saving" } else { "Save" } }</button>
                </footer>
            </form>
        </Dialog>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::ids::UserId;

    #[test]
    fn an_edit_sends_only_what_is_different() {
        let user = User {
            id: UserId(1),
            username: "ada".into(),
            email: "ada@example.com".into(),
            role: Role::Viewer,
            disabled: false,
            must_change_password: false,
            created_at: chrono::DateTime::UNIX_EPOCH,
            last_login_at: None,
        };
        let same = Draft {
            username: "ada".into(),
            email: "ada@example.com ".into(),
            role: "viewer".into(),
            password: String::new(),
        };
        assert_eq!(serde_json::to_string(&same.update(&user)).unwrap(), "{}");
        let promoted = Draft { role: "admin".into(), ..same };
        assert_eq!(serde_json::to_string(&promoted.update(&user)).unwrap(), r#"{"role":"admin"}"#);
    }
}
