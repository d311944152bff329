//! Files as other programs read them: Excel's through calamine and as XML, CSV byte by byte.
#![expect(clippy::unwrap_used, reason = "clippy knows tests by their attribute only")]

use std::{fs::File, io::Read, path::Path};

use calamine::{Data, Reader, Xlsx, open_workbook};
use chrono::{DateTime, NaiveDate, Utc};
use contract::{catalog::Kind, questions::Column, reports::Format};
use reports::{Cell, Finished, Notes, ReportError, Writer};

fn column(name: &str, label: &str, kind: Kind, unit: Option<&str>) -> Column {
    Column { name: name.into(), label: label.into(), kind, unit: unit.map(Into::into) }
}

fn columns() -> Vec<Column> {
    vec![
        column("user", "User", Kind::Text, None),
        column("root_volume_gib", "Root volume", Kind::Number, Some("GiB")),
        column("encrypted", "Encrypted", Kind::Bool, None),
        column("last_seen", "Last seen", Kind::Time, None),
        column("day", "Day", Kind::Date, None),
    ]
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn notes() -> Notes {
    Notes {
        title: "Desktops: AlwaysOn / idle".into(),
        filters: vec![("Region".into(), "eu-west-1".into()), ("User".into(), "=1+1".into())],
        data_as_of: Some(at("2026-07-01T10:00:00Z")),
        generated_at: at("2026-07-01T10:05:00Z"),
        requested_by: "ada".into(),
        timezone: "Europe/Berlin".parse().unwrap(),
    }
}

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 3).unwrap()
}

fn write(format: Format, folder: &Path, columns: &[Column], rows: &[&[Cell<'_>]]) -> Finished {
    let mut writer = Writer::create(format, folder, columns, notes()).unwrap();
    for row in rows {
        writer.row(row).unwrap();
    }
    writer.finish().unwrap()
}

fn csv(columns: &[Column], rows: &[&[Cell<'_>]]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = write(Format::Csv, folder.path(), columns, rows);
    std::fs::read_to_string(&file.path).unwrap()
}

/// One part of the zip that an Excel file is.
fn part(path: &Path, name: &str) -> String {
    let mut zip = zip::ZipArchive::new(File::open(path).unwrap()).unwrap();
    let mut text = String::new();
    zip.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

const ROW: [Cell<'_>; 5] =
    [Cell::Text("ada"), Cell::Number(80.5), Cell::Bool(true), Cell::Time(DateTime::UNIX_EPOCH), Cell::Null];

#[test]
fn csv_has_names_and_typed_values_and_quotes_where_needed() {
    let text = csv(
        &columns(),
        &[
            &[
                Cell::Text("O\"Neill, \"\"\r\nJ"),
                Cell::Number(80.0),
                Cell::Bool(true),
                Cell::Time(at("2026-03-03T10:00:00.250Z")),
                Cell::Date(day()),
            ],
            &[Cell::Null, Cell::Number(-0.5), Cell::Bool(false), Cell::Null, Cell::Null],
            &[Cell::Null, Cell::Integer(i64::MIN), Cell::Null, Cell::Null, Cell::Null],
        ],
    );
    assert_eq!(
        text,
        "user,root_volume_gib,encrypted,last_seen,day\r\n\
         \"O\"\"Neill, \"\"\"\"\r\nJ\",80,true,2026-03-03T10:00:00.250Z,2026-03-03\r\n\
         ,-0.5,false,,\r\n\
         ,-9223372036854775808,,,\r\n"
    );
}

#[test]
fn csv_texts_are_never_formulas_not_even_headings() {
    let columns = [column("=name", "Name", Kind::Text, None)];
    let mut writer = Vec::new();
    for text in ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "＝1", "plain"] {
        writer.push([Cell::Text(text)]);
    }
    let rows: Vec<&[Cell<'_>]> = writer.iter().map(|it| it.as_slice()).collect();
    assert_eq!(
        csv(&columns, &rows),
        "'=name\r\n'=1+1\r\n'+1\r\n'-1\r\n'@x\r\n'\tx\r\n\"'\rx\"\r\n'＝1\r\nplain\r\n"
    );
}

#[test]
fn a_single_empty_cell_is_a_row_still() {
    assert_eq!(csv(&[column("a", "A", Kind::Text, None)], &[&[Cell::Null]]), "a\r\n\"\"\r\n");
}

#[test]
fn excel_gets_every_kind_of_cell_as_its_own_type() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(
        Format::Xlsx,
        folder.path(),
        &columns(),
        &[
            &[
                Cell::Text("=HYPERLINK(\"x\") <&> ä 日本"),
                Cell::Number(80.5),
                Cell::Bool(false),
                Cell::Time(at("2026-07-01T10:00:00Z")),
                Cell::Date(day()),
            ],
            &[
                Cell::Null,
                Cell::Number(f64::NAN),
                Cell::Null,
                Cell::Time(at("1815-12-10T00:00:00Z")),
                Cell::Null,
            ],
            &[Cell::Null, Cell::Integer(-5_000_000_001), Cell::Null, Cell::Null, Cell::Null],
        ],
    );
    let mut book: Xlsx<_> = open_workbook(&file.path).unwrap();
    assert_eq!(book.sheet_names(), ["Desktops AlwaysOn  idle", "Notes"]);
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    let get = |row, column| sheet.get_value((row, column)).cloned().unwrap_or(Data::Empty);
    let headings: Vec<String> = (0..5).map(|it| get(0, it).to_string()).collect();
    assert_eq!(headings, ["User", "Root volume (GiB)", "Encrypted", "Last seen", "Day"]);
    assert_eq!(get(1, 0), Data::String("=HYPERLINK(\"x\") <&> ä 日本".into()));
    assert_eq!(get(1, 1), Data::Float(80.5));
    assert_eq!(get(1, 2), Data::Bool(false));
    // Ten o'clock UTC is noon in Berlin, in summer.
    // Days since 1900, as Excel counts them: noon of 1 July, and 3 March.
    let serial = |cell: Data| match cell {
        Data::DateTime(it) => it.as_f64(),
        other => panic!("{other:?} is no time"),
    };
    assert_eq!(serial(get(1, 3)), 46204.5);
    assert_eq!(serial(get(1, 4)), 46084.0);
    assert_eq!((get(2, 0), get(2, 1), get(2, 2)), (Data::Empty, Data::Empty, Data::Empty));
    assert_eq!(get(2, 3), Data::String("1815-12-10T00:00:00+00:00".into()));
    assert_eq!(get(3, 1), Data::Float(-5_000_000_001.0));
    assert!(!part(&file.path, "xl/worksheets/sheet1.xml").contains("<f>"), "no formulas");
}

#[test]
fn excel_has_a_heading_that_stays_a_filter_and_widths() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(Format::Xlsx, folder.path(), &columns(), &[&ROW, &ROW]);
    let sheet = part(&file.path, "xl/worksheets/sheet1.xml");
    assert!(sheet.contains("<autoFilter ref=\"A1:E3\""), "{sheet}");
    assert!(sheet.contains("ySplit=\"1\"") && sheet.contains("state=\"frozen\""), "{sheet}");
    let widths: Vec<&str> = sheet.split("<col ").skip(1).collect();
    assert_eq!(widths.len(), 5, "{sheet}");
}

#[test]
fn excel_notes_tell_what_the_rows_are() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(Format::Xlsx, folder.path(), &columns(), &[&ROW, &ROW]);
    let mut book: Xlsx<_> = open_workbook(&file.path).unwrap();
    let notes = book.worksheet_range("Notes").unwrap();
    let lines: Vec<(String, String)> =
        notes.rows().map(|row| (row[0].to_string(), row[1].to_string())).collect();
    let expected = [
        ("Report", "Desktops: AlwaysOn / idle"),
        ("Filter: Region", "eu-west-1"),
        ("Filter: User", "=1+1"),
        ("Data as of", "2026-07-01 12:00:00 +02:00"),
        ("Generated at", "2026-07-01 12:05:00 +02:00"),
        ("Times are in", "Europe/Berlin"),
        ("Requested by", "ada"),
        ("Rows", "2"),
    ];
    let expected: Vec<(String, String)> =
        expected.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    assert_eq!(lines, expected);
    assert_eq!(notes.get_value((7, 1)), Some(&Data::Float(2.0)));
}

#[test]
fn a_text_that_excel_cannot_hold_is_cut_visibly() {
    let folder = tempfile::tempdir().unwrap();
    let columns = [column("a", "A", Kind::Text, None)];
    let (long, fits) = ("😀".repeat(20_000), "x".repeat(32_767));
    let file = write(Format::Xlsx, folder.path(), &columns, &[&[Cell::Text(&long)], &[Cell::Text(&fits)]]);
    let mut book: Xlsx<_> = open_workbook(&file.path).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    let cut = sheet.get_value((1, 0)).unwrap().to_string();
    assert!(cut.ends_with("😀… (cut)"), "{}", cut.chars().rev().take(9).collect::<String>());
    assert!((32_760..=32_767).contains(&cut.encode_utf16().count()));
    assert_eq!(sheet.get_value((2, 0)).unwrap().to_string(), fits);
}

#[test]
fn control_characters_survive_or_vanish_but_never_break_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let columns = [column("a", "A", Kind::Text, None)];
    let odd: String = ('\0'..' ').chain(['\u{7f}', '\u{fffe}', '\u{ffff}', '_', 'z']).collect();
    let file = write(Format::Xlsx, folder.path(), &columns, &[&[Cell::Text(&odd)]]);
    let mut book: Xlsx<_> = open_workbook(&file.path).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    assert!(sheet.get_value((1, 0)).unwrap().to_string().ends_with('z'));
}

#[test]
fn a_finished_file_knows_its_size_and_hash_and_goes_with_its_value() {
    let folder = tempfile::tempdir().unwrap();
    let columns = [column("a", "A", Kind::Text, None)];
    let file = write(Format::Csv, folder.path(), &columns, &[&[Cell::Text("b")]]);
    assert_eq!((file.rows, file.bytes), (1, 6));
    // printf 'a\r\nb\r\n' | sha256sum
    assert_eq!(file.sha256, "58055bdcc73787eb88c78d36f0b4939e9c5dc1c3ad17e25cc85a6833cf1a0cab");
    drop(file);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn an_unfinished_file_leaves_nothing_behind() {
    for format in [Format::Csv, Format::Xlsx] {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = Writer::create(format, folder.path(), &columns(), notes()).unwrap();
        writer.row(&ROW).unwrap();
        drop(writer);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "{format:?}");
    }
}

#[test]
fn what_is_no_table_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for format in [Format::Csv, Format::Xlsx] {
        let nothing = Writer::create(format, folder.path(), &[], notes());
        assert!(matches!(nothing, Err(ReportError::NoColumns)));
        let mut writer = Writer::create(format, folder.path(), &columns(), notes()).unwrap();
        let short = writer.row(&ROW[..2]);
        assert!(matches!(short, Err(ReportError::Width { expected: 5, found: 2 })));
        assert!(matches!(writer.row(&ROW), Ok(())));
        assert_eq!(writer.rows(), 1);
    }
    let wide = vec![column("a", "A", Kind::Text, None); 16_385];
    let error = Writer::create(Format::Xlsx, folder.path(), &wide, notes());
    assert!(matches!(error, Err(ReportError::TooManyColumns)));
    let gone = folder.path().join("gone");
    assert!(matches!(Writer::create(Format::Csv, &gone, &columns(), notes()), Err(ReportError::Io(_))));
}
