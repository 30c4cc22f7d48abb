-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- A made case for the tests of reports/: a yearly summary whose box was
-- ticked in advance (v1), changed on the evening of the same day (v2), the
-- settings page where it is taken back, two versions of the app, a tail of
-- old ones, one damaged source, hostile names.  2,400 people; every number
-- follows from the running number of the person, so that tables agree.
--
-- Runs on an empty case.db made of ingest/schema.sql.

INSERT OR REPLACE INTO case_info VALUES
  ('zone', '+08:00'), ('case.id', 'annual-bill-2018'), ('pack.china-2018',
   '1 sha256:5f0c0000000000000000000000000000000000000000000000000000000000aa China, 2018'),
  ('threshold.font_ratio', '0.75 ratio: assumption of this tool'),
  ('threshold.ask_again', '24 h: set by the case, in place of 48 h (stores)'),
  ('case.authority', 'Exercise for the handbook; no authority is involved'),
  ('case.custodian', 'A. Custodian'), ('case.time_source', 'NTP, server logs'),
  ('case.operator', 'alipay'), ('case.scope', 'Consents obtained on the yearly summary');

INSERT INTO run VALUES
  (1, 'ingest', '0.1.0', 'ingest', '2018-02-03T08:00:00Z',
   '2018-02-03T08:00:09Z', NULL),
  (2, 'analyse', '0.1.0', 'rules china-2018@1 sha256:5f0c', '2018-02-03T08:01:00Z',
   '2018-02-03T08:01:03Z',
   '9d5ed678fe57bcca610140957afab571ffeb8d1f7d2bb0e1f0f5d6c1b1f0a0cc');

INSERT INTO source(source_id, path, bytes, sha256, records, mapped, rejected,
  filtered, duplicate, run_id) VALUES
  (1, 'evidence/ui-2018-01.ndjson.zst', 48211034,
   '0f343b0931126a20f133d67c2b018a3b5d0e9b1f9cf3a9c4f2b3f0e6a1c7d8e9',
   61240, 60011, 29, 0, 1200, 1),
  (2, 'evidence/consent-audit.csv.gz', 1209331,
   'a591a6d40bf420404a011733cfb7b190d62c65bf0bcda32b57b277d9ad9f146e',
   5120, 5118, 2, 0, 0, 1),
  (3, 'evidence/egress.tar', 2210340,
   'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9',
   18044, 17800, 0, 244, 0, 1);
INSERT INTO source(source_id, path, bytes, sha256, run_id) VALUES
  (4, 'evidence/notes <draft>.docx', 20480,
   'cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce', 1);
INSERT INTO member(member_id, source_id, name, mapping, encoding, bytes,
  first_us, last_us, records, mapped, rejected, filtered, duplicate, events,
  fields_absent, identical) VALUES
  (1, 1, 'ui-2018-01.ndjson', 'native@1', 'UTF-8', 214748364,
   1514908800000000, 1517587200000000, 61240, 60011, 29, 0, 1200, 60011, 12, 3),
  (2, 2, 'consent-audit.csv', 'native@1', 'UTF-8', 9809331,
   1514908801000000, 1517580000000000, 5120, 5118, 2, 0, 0, 5118, 0, 0),
  (3, 3, 'egress/part-0.json', 'native@1', 'UTF-8', 6210340,
   1514909000000000, 1517587100000000, 18044, 17800, 0, 244, 0, 17800, 0, 0),
  (4, 4, 'notes <draft>.docx', NULL, NULL, 20480, NULL, NULL, 0, 0, 0, 0, 0,
   0, 0, 0);
WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < 29)
INSERT INTO reject(member_id, record, byte_offset, bytes, reason)
  SELECT 1, n * 2000, n * 2000 * 3507, 120,
    CASE WHEN n % 3 = 0 THEN 'time is no instant' ELSE 'no valid JSON' END
  FROM i;
INSERT INTO reject(member_id, record, byte_offset, bytes, reason) VALUES
  (2, 17, 3300, 60, 'kind is not known'), (2, 18, 3360, 60, 'kind is not known'),
  (3, NULL, 6210340, NULL, 'tar: the archive ends inside a member'),
  (4, NULL, 0, NULL, 'no mapping fits');
INSERT INTO emits VALUES (1, 'control.impression', 0), (1, 'consent', 1),
  (2, 'consent', 0), (2, 'control.impression', 1), (3, 'data.egress', 0);

-- Days 2018-01-03 to 2018-02-02; the UI log has a hole on 14 and 15 January.
WITH RECURSIVE d(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM d WHERE n < 30)
INSERT INTO volume
  SELECT 'ui', 'control.impression', date('2018-01-03', n || ' days'),
    CASE WHEN n = 0 THEN 21000 ELSE 3000 / (1 + n / 4) + n * 7 END
  FROM d WHERE n NOT IN (11, 12)
  UNION ALL SELECT 'ui', 'control.click', date('2018-01-03', n || ' days'),
    CASE WHEN n = 0 THEN 9000 ELSE 900 / (1 + n / 4) + n * 3 END
  FROM d WHERE n NOT IN (11, 12)
  UNION ALL SELECT 'server', 'consent', date('2018-01-03', n || ' days'),
    CASE WHEN n = 0 THEN 3900 ELSE 70 / (1 + n / 4) + 1 END FROM d
  UNION ALL SELECT 'server', 'data.egress', date('2018-01-03', n || ' days'),
    500 + n * 5 FROM d;
INSERT INTO coverage VALUES
  ('people', 2460, 'people the evidence speaks of'),
  ('people_complete', 2310, 'people whose interface log is complete'),
  ('devices', 2481, 'devices'),
  ('devices_moved', 21, 'devices attributed to their only account'),
  ('devices_without_person', 60, 'devices whose person is unknown'),
  ('seq_gaps', 44, 'gaps in the running numbers of devices'),
  ('undated', 0, 'records without an instant'),
  ('clock_error_us', 5000000, 'clock error assumed, microseconds'),
  ('ties', 7, 'events that only their place tells apart');

INSERT INTO name(name_id, text) VALUES (1, 'alipay'), (2, 'annual_bill'),
  (3, 'zhima_settings'), (4, 'zhima.collect'), (5, 'zhima.analyse'),
  (6, 'zhima.share'), (7, 'zhima'), (8, '10.1.12'), (9, '10.1.13'),
  (10, 'share'), (11, 'push'), (12, 'menu'), (13, 'A'), (14, 'B');

CREATE TEMP TABLE person AS
  WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < 2400)
  SELECT n, n * 7919 % 1000 AS h, n * 104729 % 997 AS g,
    CASE WHEN n * 31 % 100 < 62 OR n % 97 = 0 THEN 1 ELSE 2 END AS design,
    n % 97 = 0 AS tail
  FROM i;
INSERT INTO subject SELECT n, '20880' || (100000 + n * 37), 'user' FROM person;
INSERT INTO subject VALUES
  (2401, '<script>alert(1)</script>' || char(27) || '[31m' || char(8238), 'device'),
  (2402, '+8613800000001', 'user'), (2403, '+8613800000002', 'user');

INSERT INTO design VALUES
  (1, 'annual_bill', 'v1', 1514909000000000, 1516066340000000, 1560, 1495, 1,
   9, 14, 2.32, 8.6, 0.98, 3, 'zhima.analyse, zhima.collect, zhima.share',
   'zhima-service', '3', 'consent_box, policy_link, submit', 3,
   '我同意《芝麻服务协议》'),
  (2, 'annual_bill', 'v2', 1514987240000000, 1517580000000000, 930, 905, 0,
   13, 14, 7.1, 8.6, 1, 3, 'zhima.analyse, zhima.collect, zhima.share',
   'zhima-service', '3', 'consent_box, policy_link, submit', 3,
   '我同意《芝麻服务协议》'),
  (3, 'zhima_settings', 'f:5e1c', 1514990000000000, 1517500000000000, 240, 212,
   1, 15, 15, 12.6, 12.6, 1, 1, 'zhima.share', 'zhima-service', '3',
   'consent_box, withdraw', 6, '授权管理');

-- One decision a person and purpose.  v1: 93 in 100 carried the tick.
CREATE TEMP TABLE made(
  decision_id, flow_id, subject_id, operator_name, surface_name, purpose_name,
  recipient_name, design_id, variant_name, app_version_name, entry_name,
  shown_us, decided_us, outcome, default_on, toggled, dwell_us, acts,
  refusals_before, server_outcome, server_us, method, impressions,
  last_shown_us, last_default_on, member_id, byte_offset);
INSERT INTO made
  SELECT (n - 1) * 3 + p.k, n, n, 1, 2, 3 + p.k, 7, design,
    CASE n % 2 WHEN 0 THEN 13 ELSE 14 END,
    CASE WHEN n % 3 = 0 OR tail THEN 8 ELSE 9 END,
    CASE WHEN n % 10 < 6 THEN 10 WHEN n % 10 < 9 THEN 11 END,
    shown, shown + dwell * 1000, o, 2 - design,
    CASE WHEN design = 1 THEN o = 2 ELSE o = 1 END, dwell * 1000,
    CASE WHEN (design = 1) = (o = 2) AND o < 3 THEN 2 WHEN o < 3 THEN 1 ELSE 0 END,
    0, CASE WHEN o = 1 THEN 2 WHEN o = 2 AND h % 40 = 7 THEN 2
       WHEN o = 2 THEN 3 END,
    CASE WHEN o = 1 THEN shown + dwell * 1000 + 120000 END,
    1, 1, shown, 2 - design, 1, n * 4211 + p.k * 11
  FROM (SELECT *,
      CASE WHEN design = 1
        THEN CASE WHEN h < 930 THEN 1 WHEN h < 948 THEN 2 WHEN h < 955 THEN 3
          ELSE 4 END
        ELSE CASE WHEN h < 112 THEN 1 WHEN h < 840 THEN 2 WHEN h < 870 THEN 3
          ELSE 4 END END AS o,
      CASE WHEN tail THEN 1514987240 + n * 450
        WHEN design = 1 THEN 1514909000 + g * 78
        ELSE 1514987240 + g * g * 2 + n END * 1000000 AS shown,
      900 + h * 11 + CASE design WHEN 2 THEN 2500 ELSE 0 END AS dwell
    FROM person),
    (SELECT 1 AS k UNION ALL SELECT 2 UNION ALL SELECT 3) AS p;
-- Granted on the server without a page: a batch.
INSERT INTO made(decision_id, subject_id, operator_name, surface_name,
    purpose_name, recipient_name, decided_us, outcome, server_outcome,
    server_us, method, impressions, member_id, byte_offset)
  SELECT 7200 + n, n, 1, NULL, 6, 7, 1515034800000000, 5, 2, 1515034800000000,
    4, 0, 2, 900000 + n * 70
  FROM person WHERE n % 20 = 3 AND design = 2;
INSERT INTO decision_form
  SELECT row_number() OVER (), * FROM (SELECT DISTINCT operator_name,
      surface_name, purpose_name, recipient_name, design_id, variant_name,
      app_version_name, entry_name, outcome, default_on, toggled, acts,
      refusals_before, server_outcome, method, impressions, last_default_on
    FROM made ORDER BY decision_id);
CREATE TEMP TABLE form AS SELECT * FROM decision_form;
CREATE INDEX temp.form_key ON form(surface_name, purpose_name, design_id,
  app_version_name, entry_name, outcome);
INSERT INTO decision_row
  SELECT decision_id, flow_id, subject_id, form_id, shown_us, decided_us,
    server_us, last_shown_us, member_id, byte_offset
  FROM made m JOIN form f ON f.surface_name IS m.surface_name
    AND f.purpose_name IS m.purpose_name AND f.design_id IS m.design_id
    AND f.app_version_name IS m.app_version_name
    AND f.entry_name IS m.entry_name AND f.outcome IS m.outcome
    AND f.operator_name IS m.operator_name
    AND f.recipient_name IS m.recipient_name
    AND f.variant_name IS m.variant_name AND f.default_on IS m.default_on
    AND f.toggled IS m.toggled AND f.acts IS m.acts
    AND f.refusals_before IS m.refusals_before
    AND f.server_outcome IS m.server_outcome AND f.method IS m.method
    AND f.impressions IS m.impressions
    AND f.last_default_on IS m.last_default_on
  ORDER BY decision_id;

CREATE TEMP TABLE counted AS
  SELECT surface, purpose, 'all' AS dimension, '' AS value, flow_id, outcome
  FROM decision WHERE impressions > 0
  UNION ALL SELECT surface, purpose, 'design', 'v' || design_id, flow_id, outcome
  FROM decision WHERE impressions > 0
  UNION ALL SELECT surface, purpose, 'variant', variant, flow_id, outcome
  FROM decision WHERE impressions > 0
  UNION ALL SELECT surface, purpose, 'version', app_version, flow_id, outcome
  FROM decision WHERE impressions > 0
  UNION ALL SELECT surface, purpose, 'entry', entry, flow_id, outcome
  FROM decision WHERE impressions > 0
  UNION ALL SELECT surface, purpose, 'day',
    date(shown_us / 1000000, 'unixepoch', '8 hours'), flow_id, outcome
  FROM decision WHERE impressions > 0;
INSERT INTO rate(surface, purpose, dimension, value, shown, given, refused, other, unlogged)
  SELECT surface, purpose, dimension, CASE WHEN dimension = 'all' THEN NULL
    ELSE value END, count(*), sum(outcome = 'given'),
    sum(outcome = 'refused'), sum(outcome IN ('dismissed', 'left')), 0
  FROM counted GROUP BY surface, purpose, dimension, value;
UPDATE rate SET share = 1.0 * given / shown,
  low = (1.0 * given / shown + 1.9207294 / shown - 1.959963985 * sqrt(
    (1.0 * given / shown * (1 - 1.0 * given / shown) + 0.9603647 / shown)
    / shown)) / (1 + 3.8414588 / shown),
  high = (1.0 * given / shown + 1.9207294 / shown + 1.959963985 * sqrt(
    (1.0 * given / shown * (1 - 1.0 * given / shown) + 0.9603647 / shown)
    / shown)) / (1 + 3.8414588 / shown);

INSERT OR REPLACE INTO detector VALUES
  ('D01', 'Pre-selected consent', 'the box was on by default when first shown, the person did not touch it, and a consent was recorded for its purpose',
   'people shown the box who consented', 'the person agreed and had no reason to touch the box',
   'EDPB Guidelines 03/2022 (deceptive snugness); CJEU C-673/17 Planet49; Gray et al. 2024 (bad defaults); CN Method 2019 III.4'),
  ('D02', 'Grant without notice', 'a consent was recorded and no notice was shown before it, while the interface log is complete',
   'people with a recorded consent', 'the notice was shown outside this app', 'GDPR art. 7(1); CN Method 2019 I.2'),
  ('D04', 'Choice not respected', 'the person refused and the server recorded a consent for the same purpose', 'people who refused',
   'the server recorded an act on another device', 'Matte et al. 2020 (violation 4); CN Method 2019 III.2'),
  ('D14', 'Bundled purposes', 'one act gave consent to two or more purposes', 'people who consented',
   'the purposes belong together', 'GDPR art. 7(2); Gray et al. 2024 (bundling)'),
  ('D16', 'Small or faint consent text', 'the consent text is at most font_ratio of the other text, or its contrast is below 4.5', 'people shown the text',
   'the person knew the text already', 'EDPB Guidelines 03/2022 (hidden in plain sight); WCAG 2.2'),
  ('D12', 'Undisclosed recipient', 'data went to a recipient that no notice names', 'people whose data was shared',
   'the notice was shown outside the evidence', 'CN Method 2019 V'),
  ('D30', 'Gateway consent', 'the content was reached only through an act that consents', 'people who reached the content',
   'the content was reached by a way the log does not show', 'GDPR art. 7(4)');

INSERT INTO finding(finding_id, detector, surface, design_id, scope, eligible,
    sure, ambiguous, refuted, undecidable, first_us, last_us, missing)
  SELECT design, 'D01', 'annual_bill', design, '', sum(o = 1),
    sum(o = 1 AND design = 1 AND n % 31 > 0), 0, sum(o = 1 AND design = 2),
    sum(o = 1 AND design = 1 AND n % 31 = 0), min(shown), max(shown),
    'a complete interface log'
  FROM (SELECT subject_id AS n, design_id AS design, outcome AS o,
      shown_us AS shown FROM made WHERE purpose_name = 4)
  GROUP BY design;
UPDATE finding SET first_us = NULL, last_us = NULL, missing = NULL
  WHERE finding_id = 2;
INSERT INTO finding(finding_id, detector, surface, design_id, scope, eligible,
  sure, ambiguous, refuted, undecidable, first_us, last_us, missing) VALUES
  (3, 'D16', 'annual_bill', 1, '', 1495, 1495, 0, 0, 0, 1514909000000000,
   1516066340000000, NULL),
  (4, 'D16', 'annual_bill', 2, '', 905, 0, 0, 905, 0, NULL, NULL, NULL),
  (5, 'D14', 'annual_bill', 1, '', 1385, 1385, 0, 0, 0, 1514909000000000,
   1516066340000000, NULL),
  (6, 'D14', 'annual_bill', 2, '', 102, 102, 0, 0, 0, 1514987240000000,
   1517580000000000, NULL),
  (7, 'D02', NULL, NULL, 'batch', 48, 43, 0, 0, 5, 1515034800000000,
   1515034800000000, 'a complete interface log'),
  (8, 'D04', 'annual_bill', 2, '', 668, 12, 4, 648, 4, 1514990000000000,
   1516000000000000, 'a server record near the act'),
  (9, 'D12', NULL, NULL, 'sharing', 980, 0, 0, 0, 980, NULL, NULL,
   'the list of recipients that was shown'),
  (10, 'D30', 'annual_bill', 1, '', 1417, 0, 0, 1417, 0, NULL, NULL, NULL);
UPDATE finding SET share = 1.0 * sure / eligible,
  low = (1.0 * sure / eligible + 1.9207294 / eligible - 1.959963985 * sqrt(
    (1.0 * sure / eligible * (1 - 1.0 * sure / eligible) + 0.9603647 / eligible)
    / eligible)) / (1 + 3.8414588 / eligible),
  high = (1.0 * sure / eligible + 1.9207294 / eligible + 1.959963985 * sqrt(
    (1.0 * sure / eligible * (1 - 1.0 * sure / eligible) + 0.9603647 / eligible)
    / eligible)) / (1 + 3.8414588 / eligible);
INSERT INTO affected_row
  SELECT 1, subject_id, 0, decision_id, 1 FROM made
  WHERE purpose_name = 4 AND design_id = 1 AND outcome = 1
    AND subject_id % 31 > 0;
INSERT INTO affected_row
  SELECT 7, subject_id, 0, decision_id, 1 FROM made
  WHERE outcome = 5 LIMIT 43;
INSERT INTO affected_row
  SELECT 8, subject_id, 0, decision_id, 1 FROM made
  WHERE purpose_name = 4 AND design_id = 2 AND outcome = 2 LIMIT 12;
INSERT INTO affected_row VALUES (8, 2401, 0, NULL, 2), (8, 2402, 1, NULL, 2);
INSERT INTO measure VALUES (1, 'default on', 1, 'share of impressions'),
  (1, 'unticked', 0.0186, 'share of impressions'),
  (3, 'text size to body text', 0.643, 'ratio'),
  (3, 'contrast', 2.32, 'ratio'), (5, 'purposes an act', 3, 'purposes'),
  (10, 'reached the content with the box off', 32, 'people');
INSERT INTO legal VALUES
  (1, 'cn-2018:csl-41', '2017-06-01', NULL, 'binding', 'Cybersecurity Law', 'art. 41'),
  (1, 'cn-2018:gbt35273-2017-5.3', '2018-05-01', '2020-10-01', 'guidance', 'GB/T 35273-2017', '5.3'),
  (1, 'eu:gdpr-4-11', '2018-05-25', NULL, 'retrospective yardstick', 'GDPR', 'art. 4(11), rec. 32'),
  (1, 'edpb:03-2022', '2023-02-14', NULL, 'guidance', 'EDPB Guidelines 03/2022', 'deceptive snugness'),
  (1, 'names:bad-defaults', NULL, NULL, 'taxonomy', 'Gray et al. 2024', 'bad defaults'),
  (1, 'house:memo', NULL, NULL, 'not verified', 'A memorandum', 'no box is ticked beforehand'),
  (5, 'cn-2018:csl-41', '2017-06-01', NULL, 'binding', 'Cybersecurity Law', 'art. 41'),
  (7, 'cn-2018:csl-41', '2017-06-01', NULL, 'binding', 'Cybersecurity Law', 'art. 41'),
  (8, 'cn-2018:csl-41', '2017-06-01', NULL, 'binding', 'Cybersecurity Law', 'art. 41');

INSERT INTO comparison VALUES
  ('annual_bill: given, design v1 against v2', 'design v1', 'design v2', 1495,
   1385, 905, 102, 0.8137, 0.7880, 0.8358, 8.22, 99.13, 1e-300, 2e-300,
   'Fisher exact; Newcombe 10'),
  ('annual_bill: given, entry share against push', 'share', 'push', 1440, 900,
   720, 450, 0, -0.0433, 0.0429, 1, 1, 1, 1, 'Fisher exact; Newcombe 10');
INSERT INTO edge VALUES
  ('annual_bill', 'chat', 'annual_bill_cover', 1420, 800000),
  ('annual_bill', 'home', 'annual_bill_cover', 980, 1900000),
  ('annual_bill', 'annual_bill_cover', 'annual_bill_detail', 2170, 4300000),
  ('annual_bill', 'annual_bill_cover', 'zhima_agreement', 31, 6100000),
  ('annual_bill', 'zhima_agreement', 'annual_bill_cover', 29, 15400000),
  ('annual_bill', 'annual_bill_detail', 'share_sheet', 1010, 22000000),
  ('zhima_settings', 'me', 'settings', 212, 3000000),
  ('zhima_settings', 'settings', 'authorisations', 190, 5000000),
  ('zhima_settings', 'authorisations', 'zhima_detail', 133, 8000000),
  ('', 'home', 'chat', 5400, 9000000);
INSERT INTO path VALUES
  ('annual_bill', 'given', 'chat > annual_bill_cover > view_bill > annual_bill_detail', 905),
  ('annual_bill', 'given', 'home > annual_bill_cover > view_bill > annual_bill_detail', 594),
  ('annual_bill', 'refused', 'chat > annual_bill_cover > zhima_agree > view_bill > annual_bill_detail', 16),
  ('annual_bill', 'refused', 'home > annual_bill_cover > zhima_agree > view_bill > annual_bill_detail', 12),
  ('annual_bill', 'refused', 'chat > annual_bill_cover > view_bill > annual_bill_detail', 380),
  ('annual_bill', 'refused', 'home > annual_bill_cover > view_bill > annual_bill_detail', 263),
  ('annual_bill', 'left', 'chat > annual_bill_cover', 98),
  ('annual_bill', 'left', 'home > annual_bill_cover', 80),
  ('annual_bill', 'dismissed', 'chat > annual_bill_cover > close', 21),
  ('annual_bill', 'dismissed', 'home > annual_bill_cover > zhima_agreement > close', 31);
INSERT INTO route VALUES
  ('annual_bill', 1, 'given', 1385, 1, 1, 1, 1, 3, 2.1, 2.0, 2.3, 62),
  ('annual_bill', 1, 'refused', 32, 2, 2, 1, 1, 3, 6.4, 5.1, 7.9, 34),
  ('annual_bill', 2, 'given', 102, 2, 2, 1, 1, 3, 5.2, 4.6, 6.0, 120),
  ('annual_bill', 2, 'refused', 668, 1, 1, 1, 1, 3, 3.4, 3.2, 3.7, 35),
  ('zhima_settings', 3, 'withdrawn', 88, 6, 7, 4, 5, 19, 41.0, 36.2, 47.5, 124);
INSERT INTO processing(verdict, kind, category, purpose, recipient, region,
  n, subjects, first_us, last_us) VALUES
  ('tainted', 'data.egress', 'credit', 'zhima.share', 'zhima', 'CN', 9012, 1204, 1514913000000000, 1517587000000000),
  ('tainted', 'data.egress', 'credit', 'zhima.share', 'partner-bank', 'CN', 3110, 640, 1515013000000000, 1517587000000000),
  ('consented', 'data.egress', 'credit', 'zhima.share', 'zhima', 'CN', 610, 88, 1514990000000000, 1517587000000000),
  ('after_refusal', 'data.egress', 'credit', 'zhima.share', 'zhima', 'CN', 70, 12, 1514990000000000, 1516500000000000),
  ('after_withdrawal', 'data.egress', 'credit', 'zhima.share', 'partner-bank', 'SG', 41, 9, 1515990000000000, 1517500000000000),
  ('without_consent', 'data.access', 'contacts', NULL, NULL, NULL, 1822, 301, 1514910000000000, 1517580000000000),
  ('necessary', 'data.access', 'payment', 'payment', NULL, 'CN', 2900, 1800, 1514910000000000, 1517580000000000),
  ('not_decidable', 'data.egress', 'device', NULL, 'sdk.example', NULL, 235, 190, 1514910000000000, 1517580000000000);
INSERT INTO lineage VALUES
  (NULL, 'contacts', NULL, NULL, 'permission', 'denied', 301, 301, 0, 0, 1514910000000000, 1517580000000000),
  (NULL, 'contacts', NULL, NULL, 'access', NULL, 1822, 301, 0, 0, 1514910000000000, 1517580000000000);
WITH RECURSIVE d(n, live) AS (SELECT 0, 1290 UNION ALL
  SELECT n + 1, live - (5 + 140 / (n + 2)) + (n < 13) FROM d WHERE n < 30)
INSERT INTO tainted SELECT 'annual_bill', date('2018-01-03', n || ' days'),
  CASE WHEN n = 0 THEN 1338 WHEN n < 14 THEN 1 ELSE 0 END,
  CASE WHEN n = 0 THEN 48 ELSE 5 + 140 / (n + 1) END, live FROM d;
INSERT INTO tainted_recipient VALUES
  ('annual_bill', 'zhima', 1204, 9012, 1514913000000000, 1517587000000000),
  ('annual_bill', 'partner-bank', 640, 3110, 1515013000000000, 1517587000000000);
-- A second operator: the scoring arm, and a bank named hostilely.
INSERT INTO operator VALUES
  ('alipay', 2380, 60, 79000, 2460, 1400), ('zhima', 1214, 0, 4000, 7, 7);
INSERT INTO shared VALUES (1, 1166), (2, 1214), (3, 4);
INSERT INTO network VALUES
  ('alipay', 'zhima', 'credit', 9692, 70, 0, 1290, 1514913000000000, 1517587000000000),
  ('alipay', 'partner-bank', 'credit', 3151, 41, 0, 641, 1515013000000000, 1517587000000000),
  ('zhima', '<b>bank` &"', 'credit', 8, 0, 3, 7, 1515013000000000, 1517587000000000),
  ('zhima', NULL, NULL, 812, 812, 0, 402, 1515013000000000, 1517587000000000);
INSERT INTO cutover VALUES
  ('annual_bill', NULL, 1, 2, 1516066340000000, 1514987240000000, 1495, 24, 24),
  ('annual_bill', '10.1.12', 1, 2, 1516066340000000, 1514987300000000, 520, 24, 24),
  ('annual_bill', '10.1.13', 1, 2, 1514986900000000, 1514987240000000, 975, 0, 0);
