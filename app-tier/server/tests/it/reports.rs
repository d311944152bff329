//! From asking for a report to the file in one's hand.

use std::{path::Path, sync::Arc, time::Duration};

use app::{App, auth::Keys};
use calamine::{DataType, Reader, Xlsx};
use chrono::TimeDelta;
use diesel_async::SimpleAsyncConnection;
use reports::{BoxFuture, FileKey, FileStore, LocalFolder, StoreError, StoredFile};
use reqwest::StatusCode;
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::harness::{Answer, Browser, House};

async fn finished(house: &House, browser: &Browser, body: Value) -> Value {
    let report = browser.post("/api/reports/generate", body).await.expect_status(StatusCode::ACCEPTED).await;
    assert_eq!(report["state"], "waiting");
    house.work().await;
    let report = browser.get(&format!("/api/reports/{}", report["id"])).await.json().await;
    assert_eq!(report["state"], "done", "{report}");
    report
}

async fn download(house: &House, report: &Value) -> Vec<u8> {
    // A link needs no sign-in.
    let answer =
        reqwest::get(format!("{}{}", house.base, report["download"]["url"].as_str().unwrap())).await.unwrap();
    assert_eq!(answer.status(), 200);
    let name = answer.headers()["content-disposition"].to_str().unwrap().to_owned();
    assert!(name.contains(report["download"]["file_name"].as_str().unwrap()), "{name}");
    answer.bytes().await.unwrap().to_vec()
}

#[tokio::test]
async fn a_filtered_list_as_csv() {
    let house = House::open().await;
    house.furnish(60).await;
    house.execute("UPDATE workspaces SET computer_name = '=cmd()' WHERE id = 'ws-000000003'").await;
    let operator = house.sign_in("operator").await;
    let report = finished(
        &house,
        &operator,
        json!({"source": "workspaces", "filter": {"state": "STOPPED", "q": "team"}, "format": "csv"}),
    )
    .await;
    assert_eq!(report["rows"], 20);
    let text = String::from_utf8(download(&house, &report).await).unwrap();
    assert_eq!(text.lines().count(), 21);
    assert!(text.contains("'=cmd()"), "a formula is disarmed");
    assert!(!text.contains("AVAILABLE"));
}

#[tokio::test]
async fn an_answer_as_excel() {
    let house = House::open().await;
    house.furnish(60).await;
    let operator = house.sign_in("operator").await;
    let plan = json!({"entity": "workspaces", "measures": [{"function": "count"}], "group_by": [{"dimension": "region"}]});
    let report = finished(
        &house,
        &operator,
        json!({"source": "workspaces", "plan": plan, "format": "xlsx", "timezone": "Europe/Berlin"}),
    )
    .await;
    let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(download(&house, &report).await)).unwrap();
    let sheets = book.sheet_names();
    let range = book.worksheet_range(&sheets[0]).unwrap();
    let figures: Vec<f64> = range.rows().skip(1).filter_map(|row| row[1].as_f64()).collect();
    assert_eq!(figures, [30.0, 30.0]);
    assert!(sheets.iter().any(|it| it == "Notes"), "{sheets:?}");
}

#[tokio::test]
async fn a_link_is_for_one_report_and_five_minutes() {
    let house = House::open().await;
    house.furnish(6).await;
    let operator = house.sign_in("operator").await;
    let body = json!({"source": "workspaces", "format": "csv"});
    let (first, second) =
        (finished(&house, &operator, body.clone()).await, finished(&house, &operator, body).await);
    let url = first["download"]["url"].as_str().unwrap();
    let get = async |url: String| Answer(reqwest::get(format!("{}{url}", house.base)).await.unwrap());
    let other = url.replace(&format!("/reports/{}/", first["id"]), &format!("/reports/{}/", second["id"]));
    get(other).await.expect_problem("not_found").await;
    get(format!("{url}x")).await.expect_problem("not_found").await;
    house.pass(TimeDelta::seconds(301));
    get(url.to_owned()).await.expect_problem("link_expired").await;
}

#[tokio::test]
async fn a_report_is_its_askers_and_runs_once() {
    let house = House::open().await;
    house.furnish(6).await;
    let operator = house.sign_in("operator").await;
    let report = finished(&house, &operator, json!({"source": "workspaces", "format": "csv"})).await;
    let path = format!("/api/reports/{}", report["id"]);
    house.sign_in("admin").await.get(&path).await.json().await;
    let admin = house.sign_in("admin").await;
    let other = json!({"username": "second", "password": "correct horse battery", "role": "operator"});
    admin.post("/api/users", other).await.expect_status(StatusCode::CREATED).await;
    let second = house.sign_in("second").await;
    let change = json!({"current": "correct horse battery", "new": "correct horse battery second"});
    second.put("/api/auth/password", change).await.expect_status(StatusCode::NO_CONTENT).await;
    second.get(&path).await.expect_problem("not_found").await;
    // Running the job again changes nothing: it has its file.
    house.execute("UPDATE queue_jobs SET state = 'waiting', finished_at = NULL, due_at = now() WHERE kind = 'make_report'").await;
    house.work().await;
    assert_eq!(operator.get(&path).await.json().await["sha256"], report["sha256"]);
}

#[tokio::test]
async fn a_report_of_nothing_or_of_the_unknown_is_refused() {
    let house = House::open().await;
    house.furnish(6).await;
    let operator = house.sign_in("operator").await;
    let refused = async |body: Value, code: &str| {
        operator.post("/api/reports/generate", body).await.expect_problem(code).await
    };
    refused(
        json!({"source": "workspaces", "filter": {"state": "NONE"}, "format": "csv"}),
        "nothing_to_report",
    )
    .await;
    assert_eq!(refused(json!({"source": "passwords", "format": "csv"}), "invalid_field").await, ["/source"]);
    assert_eq!(
        refused(json!({"source": "workspaces", "format": "pdf"}), "malformed_body").await,
        ["/format"]
    );
    assert_eq!(
        refused(json!({"source": "workspaces", "filter": {"x": "y"}, "format": "csv"}), "invalid_query")
            .await,
        ["x"]
    );
    assert_eq!(operator.get("/api/reports").await.json().await["total"], 0);
}

/// A place that takes so long to keep a file that another worker has the job meanwhile.
struct SlowPlace {
    folder: LocalFolder,
    pool: store::pool::Pool,
}

impl std::fmt::Debug for SlowPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SlowPlace").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl FileStore for SlowPlace {
    fn put<'a>(
        &'a self,
        key: &'a FileKey,
        path: &'a Path,
        media_type: &'a str,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            self.folder.put(key, path, media_type).await?;
            let mut conn = store::pool::get(&self.pool).await.unwrap();
            conn.batch_execute("UPDATE queue_jobs SET lease_id = gen_random_uuid()").await.unwrap();
            Ok(())
        })
    }

    fn open<'a>(&'a self, key: &'a FileKey) -> BoxFuture<'a, Result<Option<StoredFile>, StoreError>> {
        self.folder.open(key)
    }

    fn delete<'a>(&'a self, key: &'a FileKey) -> BoxFuture<'a, Result<(), StoreError>> {
        self.folder.delete(key)
    }

    fn link<'a>(
        &'a self,
        key: &'a FileKey,
        expires: Duration,
        file_name: &'a str,
    ) -> BoxFuture<'a, Result<Option<String>, StoreError>> {
        self.folder.link(key, expires, file_name)
    }
}

#[tokio::test]
async fn a_run_that_lost_its_lease_takes_its_file_back() {
    let house = House::open().await;
    house.furnish(6).await;
    let operator = house.sign_in("operator").await;
    let request = json!({"source": "workspaces", "format": "csv"});
    let report =
        operator.post("/api/reports/generate", request).await.expect_status(StatusCode::ACCEPTED).await;
    let files = tempfile::tempdir().unwrap();
    let folder = LocalFolder::open(files.path()).unwrap();
    let app = &house.app;
    let slow = App {
        pool: app.pool.clone(),
        live: app.live.clone(),
        cloud: app.cloud.clone(),
        assistant: app.assistant.clone(),
        files: Arc::new(SlowPlace { folder, pool: app.pool.clone() }),
        work_dir: app.work_dir.clone(),
        clock: app.clock.clone(),
        keys: Keys::quick(&SecretString::from("any that is long enough for what is not asked")),
        started_at: app.started_at,
    };
    let worker = queue::Worker::new(app.pool.clone(), app::registry(), Arc::new(slow));
    assert_eq!(worker.run_due().await.unwrap(), 1);
    let report = operator.get(&format!("/api/reports/{}", report["id"])).await.json().await;
    assert_eq!((&report["state"], &report["download"]), (&"running".into(), &Value::Null), "{report}");
    assert_eq!(std::fs::read_dir(files.path().join("reports")).unwrap().count(), 0);
}
