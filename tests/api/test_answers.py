"""Whole answers, of numbers that can be checked by head."""

from dataclasses import replace

from starlette.testclient import TestClient

from app.main import create_app
from tests.api.conftest import Clock, settings
from tests.api.small import SECOND, THIRD, WEIRD, Published

DAYS = "start_date=2026-08-17&end_date=2026-08-18"


def test_a_share_is_answered_whole(client: TestClient) -> None:
    reply = client.get("/v1/share?origin=CN&start_date=2026-08-17&end_date=2026-08-18")

    # 90 of 200 are panda's; 30 are listed nowhere and may be anyone's.
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "application/json"
    assert reply.text == (
        '{"data":[{"period_start":"2026-08-17","period_end":"2026-08-18",'
        '"status":"final","days":2,"days_expected":2,"origin":"CN",'
        '"origin_name":"China","volume":90,"total":200,"share":0.450000,'
        '"share_low":0.450000,"share_high":0.600000,"share_attributed":0.529412,'
        '"coverage":0.850000}],'
        '"meta":{"quote":"Models from China-based labs handled 45.0% of tokens on '
        'A router from 17 to 18 August 2026 (bounds 45.0%–60.0%).",'  # noqa: RUF001
        '"citation":"Source: A router, as of 2026-10-01T12:00:00Z. Aggregated and '
        'classified by Model Census, release 2.","unit":"tokens","api_version":"v1",'
        '"method_version":"1","dataset":"openrouter-tokens","license":"CC-BY-4.0",'
        '"source_as_of":"2026-10-01T12:00:00Z",'
        '"source_as_of_oldest":"2026-10-01T12:00:00Z","release":2,'
        '"published_at":"2026-10-03T00:00:00Z","data_through":"2026-08-18",'
        '"freshness":"stale","next_update_expected":"2026-08-20T02:00:00Z",'
        '"query":{"requested":{"origin":"CN","start_date":"2026-08-17",'
        '"end_date":"2026-08-18"},"resolved":{"origin":"CN","group_by":"origin",'
        '"start_date":"2026-08-17","end_date":"2026-08-18","interval":"total",'
        '"incomplete":"exclude","top":"20","dataset":"openrouter-tokens",'
        '"release":"2"}},"numerator":"origin=CN","base":"all tokens",'
        '"unlisted_volume":30,"caveats":["tokenizers_differ"],"warnings":[],'
        '"annotations":[],"citation_short":"A router (CC-BY-4.0) via Model Census, '
        'release 2","bibtex":"@misc{modelcensus-2-ce17895b,\\n'
        "  title = {{Models from China-based labs handled 45.0\\\\% of tokens on A "
        "router from 17 to 18 August 2026 (bounds 45.0\\\\%–60.0\\\\%).}},\\n"  # noqa: RUF001
        "  author = {{Model Census}},\\n  year = {2026},\\n  version = {release 2},\\n"
        "  note = {Source: A router, as of 2026-10-01T12:00:00Z. Aggregated and "
        "classified by Model Census, release 2.},\\n"
        "  url = {https://census.example/v1/share?origin=CN&group_by=origin&"
        "start_date=2026-08-17&end_date=2026-08-18&interval=total&incomplete=exclude&"
        'top=20&dataset=openrouter-tokens&release=2}\\n}"},'
        '"links":{"self":"https://census.example/v1/share?origin=CN&'
        'start_date=2026-08-17&end_date=2026-08-18",'
        '"permalink":"https://census.example/v1/share?origin=CN&group_by=origin&'
        "start_date=2026-08-17&end_date=2026-08-18&interval=total&incomplete=exclude&"
        'top=20&dataset=openrouter-tokens&release=2",'
        '"revisions":"https://census.example/v1/revisions/share?origin=CN&'
        "group_by=origin&start_date=2026-08-17&end_date=2026-08-18&interval=total&"
        'incomplete=exclude&top=20&dataset=openrouter-tokens&release=2",'
        '"dataset":"https://census.example/v1/datasets/openrouter-tokens?release=2",'
        '"evidence":"https://census.example/v1/datasets/openrouter-tokens/evidence?'
        'start_date=2026-08-17&end_date=2026-08-18&release=2",'
        '"csv":"https://census.example/v1/share.csv?origin=CN&'
        'start_date=2026-08-17&end_date=2026-08-18",'
        '"json":"https://census.example/v1/share.json?origin=CN&'
        'start_date=2026-08-17&end_date=2026-08-18",'
        '"docs":"https://census.example/docs/api",'
        '"method":"https://census.example/method",'
        '"svg":"https://census.example/v1/share.svg?origin=CN&'
        'start_date=2026-08-17&end_date=2026-08-18",'
        '"png":"https://census.example/v1/share.png?origin=CN&'
        'start_date=2026-08-17&end_date=2026-08-18",'
        '"embed":"https://census.example/embed/share?origin=CN&'
        'start_date=2026-08-17&end_date=2026-08-18"}}'
    )


def test_a_table_has_the_same_rows(client: TestClient) -> None:
    reply = client.get(f"/v1/volume.csv?group_by=provider&interval=day&{DAYS}")

    assert reply.status_code == 200
    assert reply.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    quoted = '"' + WEIRD.replace('"', '""') + '"'
    assert reply.content.decode() == "\r\n".join(
        [
            (
                "period_start,period_end,status,days,days_expected,provider,provider_name,"
                "volume,volume_low,volume_high"
            ),
            f"2026-08-17,2026-08-17,final,1,1,panda,{quoted},30,30,40",
            "2026-08-17,2026-08-17,final,1,1,acme,acme,60,60,70",
            "2026-08-17,2026-08-17,final,1,1,unknown,Unknown,10,0,10",
            f"2026-08-18,2026-08-18,final,1,1,panda,{quoted},60,60,80",
            "2026-08-18,2026-08-18,final,1,1,acme,acme,20,20,40",
            "2026-08-18,2026-08-18,final,1,1,unknown,Unknown,20,0,20",
            "",
        ]
    )


def test_a_wide_table_has_a_column_per_group(client: TestClient) -> None:
    reply = client.get(f"/v1/share.csv?shape=wide&interval=day&{DAYS}")

    assert reply.text.split("\r\n") == [
        "period_start,period_end,status,days,days_expected,China,United States,Unknown",
        "2026-08-17,2026-08-17,final,1,1,0.300000,0.600000,0.100000",
        "2026-08-18,2026-08-18,final,1,1,0.600000,0.200000,0.200000",
        "",
    ]


def test_rankings_rank(client: TestClient) -> None:
    reply = client.get("/v1/rankings.csv?window=1d")

    assert reply.text.split("\r\n") == [
        (
            "rank,previous_rank,base,base_name,provider,origin,weights,volume,share,"
            "share_low,share_high,change,growth,days_listed,period_start,period_end,status"
        ),
        (
            "1,2,panda/two,panda/two,panda,CN,open,60,0.600000,0.600000,0.600000,30,"
            "1.000000,1,2026-08-18,2026-08-18,final"
        ),
        (
            "2,1,acme/one,acme/one,acme,US,closed,20,0.200000,0.200000,0.200000,-40,"
            "-0.666667,1,2026-08-18,2026-08-18,final"
        ),
        (
            ",,other,Not listed,unknown,unknown,unknown,20,0.200000,0.200000,0.200000,"
            "10,1.000000,0,2026-08-18,2026-08-18,final"
        ),
        "",
    ]


def test_a_suffix_of_json_changes_nothing_but_the_link_to_itself(
    client: TestClient,
) -> None:
    plain = client.get("/v1/models")
    suffixed = client.get("/v1/models.json")

    assert suffixed.text == plain.text.replace(
        '"self":"https://census.example/v1/models"',
        '"self":"https://census.example/v1/models.json"',
    )
    assert suffixed.text != plain.text


def test_a_slug_may_hold_a_colon(client: TestClient) -> None:
    plain = client.get("/v1/models/panda/two:free").json()
    suffixed = client.get("/v1/models/panda/two%3Afree.json").json()

    assert plain["data"] == suffixed["data"]
    assert plain["data"]["slug"] == "panda/two:free"
    assert "csv" not in plain["links"]


def test_an_alias_leads_to_the_canonical_model(client: TestClient) -> None:
    reply = client.get("/v1/models/acme/uno")

    assert reply.status_code == 200
    assert reply.json()["data"]["slug"] == "acme/one"
    canonical = "https://census.example/v1/models/acme/one"
    assert reply.headers["link"] == f'<{canonical}>; rel="canonical"'
    assert reply.json()["links"]["permalink"] == f"{canonical}?release=2"


def test_pages_follow_each_other_on_one_release(
    client: TestClient, published: Published
) -> None:
    first = client.get("/v1/models?limit=1&sort=-slug")
    url = first.json()["links"]["next"]
    published.publish(THIRD)
    second = client.get(url.removeprefix("https://census.example"))

    assert first.headers["link"] == f'<{url}>; rel="next"'
    assert [row["slug"] for row in first.json()["data"]] == ["panda/two:free"]
    assert [row["slug"] for row in second.json()["data"]] == ["acme/one"]
    assert first.json()["meta"]["count"] == second.json()["meta"]["count"] == 2
    assert first.json()["meta"]["release"] == second.json()["meta"]["release"] == 2
    assert "next" not in second.json()["links"]
    assert "link" not in second.headers
    assert second.json()["links"]["permalink"] == second.json()["links"]["self"]


def test_the_next_page_of_a_past_release_follows(client: TestClient) -> None:
    for asked in ("release=1", "as_of=2026-10-02"):
        first = client.get(f"/v1/models?limit=1&{asked}")
        url = first.json()["links"]["next"]
        second = client.get(url.removeprefix("https://census.example"))

        assert second.status_code == 200
        assert second.json()["meta"]["release"] == 1


def test_groups_beyond_top_are_the_rest(client: TestClient) -> None:
    reply = client.get(f"/v1/volume?group_by=base&interval=total&top=1&{DAYS}").json()

    assert [(row["base"], row["volume"]) for row in reply["data"]] == [
        ("panda/two", 90),
        ("rest", 80),
        ("other", 30),
    ]


def test_a_base_is_narrowed_and_a_numerator_is_not(client: TestClient) -> None:
    of_all = client.get(f"/v1/share?origin=CN&weights=open&{DAYS}").json()["data"]
    of_open = client.get(f"/v1/share?origin=CN&within_weights=open&{DAYS}").json()

    assert [(row["total"], row["share"]) for row in of_all] == [(200, 0.45)]
    assert [(row["total"], row["share"]) for row in of_open["data"]] == [(90, 1.0)]


def test_rankings_have_a_base(client: TestClient) -> None:
    reply = client.get(f"/v1/rankings?within_weights=open&{DAYS}").json()

    assert [(row["base"], row["share"]) for row in reply["data"]] == [
        ("panda/two", 1.0)
    ]


def test_the_unfinished_period_is_shown_on_demand(client: TestClient) -> None:
    without = client.get("/v1/volume?interval=week&window=all").json()["data"]
    with_it = client.get("/v1/volume?interval=week&window=all&incomplete=include")

    assert without == []
    assert {row["status"] for row in with_it.json()["data"]} == {"partial"}


def test_periods_are_not_finer_than_the_grain(clock: Clock) -> None:
    monthly = replace(SECOND.datasets["openrouter-tokens"].dataset, grain="month")
    view = replace(SECOND.datasets["openrouter-tokens"], dataset=monthly)
    snapshot = replace(SECOND, datasets={"openrouter-tokens": view})
    client = TestClient(create_app(settings(), Published(snapshot), now=clock))

    refused = client.get("/v1/volume?interval=week")

    assert refused.status_code == 422
    assert refused.json()["errors"] == [
        {
            "parameter": "interval",
            "value": "week",
            "message": "is finer than the grain of openrouter-tokens, which is month",
            "allowed": ["total", "month", "quarter", "year"],
        }
    ]
    assert refused.json()["try_url"].endswith("/v1/volume?interval=month")
    assert client.get("/v1/volume?interval=total").status_code == 200
    assert client.get("/v1/volume?interval=month").status_code == 200


def test_a_past_release_answers_as_it_did(client: TestClient) -> None:
    reply = client.get("/v1/volume?release=1&group_by=none").json()

    assert [row["volume"] for row in reply["data"]] == [90]
    assert reply["meta"]["release"] == 1
    assert "freshness" not in reply["meta"]
    assert "next_update_expected" not in reply["meta"]


def test_as_of_asks_what_was_published_by_then(client: TestClient) -> None:
    by_day = client.get("/v1/volume?as_of=2026-10-02&group_by=none")
    by_moment = client.get("/v1/volume?as_of=2026-10-03T02:00:00%2B02:00&group_by=none")
    today = client.get("/v1/volume?as_of=2026-10-20&group_by=none")

    assert by_day.json()["meta"]["release"] == 1
    assert by_moment.json()["meta"]["release"] == 2
    assert today.json()["meta"]["release"] == 2
    assert by_day.headers["cache-control"].startswith("public, max-age=60,")
    pinned = by_day.headers["content-location"]
    assert pinned == by_day.json()["links"]["permalink"]
    assert pinned.endswith("&release=1")


def test_as_of_names_the_pinned_table(client: TestClient) -> None:
    reply = client.get("/v1/share.csv?as_of=2026-10-02&shape=wide")

    pinned = reply.headers["content-location"]
    assert "/v1/share.csv?" in pinned
    assert "shape=wide" in pinned
    again = client.get(pinned.removeprefix("https://census.example"))
    assert again.text == reply.text


def test_a_permalink_repeats_the_data(client: TestClient) -> None:
    live = client.get(
        "/v1/share?origin=-US&within_weights=open,unknown&compare=previous"
    )
    url = live.json()["links"]["permalink"].removeprefix("https://census.example")
    pinned = client.get(url)

    assert pinned.json()["data"] == live.json()["data"]
    assert pinned.json()["links"]["permalink"] == pinned.json()["links"]["self"]


def test_what_is_about_all_releases_has_no_permalink(client: TestClient) -> None:
    assert "permalink" not in client.get("/v1/status").json()["links"]


def test_a_valid_question_about_nothing_has_rows(client: TestClient) -> None:
    reply = client.get("/v1/share?origin=FR&start_date=2026-08-17&end_date=2026-08-19")
    none = client.get("/v1/models?origin=FR")

    assert [row["volume"] for row in reply.json()["data"]] == [0]
    assert none.status_code == 200
    assert none.json()["data"] == []
