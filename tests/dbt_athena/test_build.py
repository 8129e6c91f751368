"""`dbt build` on the local cloud: what the marts say after a first load, and after a second one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from dbt_athena.shop_lake import ShopLake, event, sale
from millpond.client import Endpoint

MONDAY = datetime(2025, 2, 3, 6)
TUESDAY = datetime(2025, 2, 4, 6)
HOUR = timedelta(hours=1)

Rows = list[tuple[str | None, ...]]


@dataclass(frozen=True)
class Loads:
    """The lake after both loads, and what the marts said after the first one."""

    lake: ShopLake
    revenue_after_first: Rows
    customers_after_first: Rows


@pytest.fixture(scope="module")
def loads(cloud, tmp_path_factory: pytest.TempPathFactory) -> Loads:
    lake = ShopLake(Endpoint(cloud.endpoint_url), cloud.unique_name("shop"), tmp_path_factory.mktemp("dbt"))
    # The first load has nothing but sales.
    lake.deliver(
        "sales",
        "january",
        MONDAY,
        [
            sale("1", 2, "1.005"),
            sale("1", 2, "1.005"),  # the same line once more: a sale of its own
            sale("C2", -1, "1.005"),
            sale("3", 1, "10", customer=None, code="20001a", description="?"),
            sale("3", 1, "0", customer=None, code="20001A", description="RED MUG, LARGE"),
            sale("3", 1, "0", customer=None, code="20001A", description="RED MUG, LARGE"),
        ],
    )
    lake.deliver("sales", "february", MONDAY, [sale("4", 1, "5", at="2025-02-01 09:00:00")])
    lake.stream(
        MONDAY,
        [
            event("e1", "s1", "2025-02-03 05:00:00", page="/"),
            event("e2", "s1", "2025-02-03 05:01:00", event_type="product_view", page="/p/1", code="1a"),
            event("e2", "s1", "2025-02-03 05:01:00", event_type="product_view", page="/p/1", code="1a"),
        ],
    )
    _build(lake)
    revenue = lake.query("select * from monthly_revenue order by month")
    customers = lake.query("select customer_id, name, country, region, is_current from dim_customers")

    # The second load corrects January (invoice 3 loses two lines), and brings a late sale and two sources.
    lake.deliver(
        "sales",
        "january",
        TUESDAY,
        [
            sale("1", 3, "1.005"),
            sale("1", 2, "1.005"),
            sale("C2", -1, "1.005"),
            sale("3", 1, "10", customer=None),
        ],
    )
    lake.deliver("sales", "late", TUESDAY, [sale("5", 1, "0.33", at="2025-01-30 09:00:00", customer=8)])
    # A correction that was taken in before the file that it corrects.
    in_march = "2025-03-01 09:00:00"
    lake.deliver("sales", "overtaken", TUESDAY, [sale("6", 2, "7", at=in_march)], delivered_at=TUESDAY)
    lake.deliver("sales", "overtaken", TUESDAY + HOUR, [sale("6", 1, "7", at=in_march)], delivered_at=MONDAY)
    # One visit goes on, with what arrived before once more; another one begins.
    lake.stream(
        TUESDAY,
        [
            event("e2", "s1", "2025-02-03 05:01:00", event_type="product_view", page="/p/1", code="1a"),
            event("e3", "s1", "2025-02-03 05:03:00", event_type="checkout", page="/done", customer=7),
            event("e4", "s2", "2025-02-04 05:00:00"),
        ],
    )
    lake.deliver(
        "customers",
        "customers",
        TUESDAY,
        [
            (7, "Ada", "ada@example.com", "France", "consumer", datetime(2025, 1, 1)),
            (7, "Ada", "ada@example.com", "Norway", "business", datetime(2025, 2, 1)),
            (7, "Ada", "ada@example.com", "Norway", "business", datetime(2025, 2, 1)),
        ],
    )
    lake.deliver(
        "products",
        "products",
        TUESDAY,
        [
            ("20001", "RED MUG", "kitchen", 1099, datetime(2025, 1, 1)),
            ("20001", "RED MUG", "kitchen", 999, datetime(2025, 2, 1)),
        ],
    )
    _build(lake)
    return Loads(lake, revenue, customers)


def _build(lake: ShopLake) -> None:
    built = lake.dbt("build")
    assert built.returncode == 0, built.stdout


@pytest.fixture(scope="module")
def query(loads: Loads) -> Callable[[str], Rows]:
    return loads.lake.query


def test_gross_leaves_cancellations_out_and_only_the_months_sum_is_rounded(loads):
    assert loads.revenue_after_first == [
        ("2025-01-01", "2", "14.02", "-1.01", "13.02"),
        ("2025-02-01", "1", "5.00", "0.00", "5.00"),
    ]


def test_customers_are_known_from_sales_when_no_source_tells_of_them(loads):
    assert sorted(loads.customers_after_first) == [
        ("-1", "Unknown customer", "Unspecified", "Unspecified", "true"),
        ("7", None, "France", "Europe", "true"),
    ]


def test_corrected_file_supersedes_the_earlier_one(query):
    lines = query(
        "select invoice_no, quantity from fct_order_lines where _source_file = 'january' order by 1, 2"
    )
    assert lines == [("1", "2"), ("1", "3"), ("3", "1"), ("C2", "-1")]


def test_a_correction_counts_even_if_it_was_taken_in_before_what_it_corrects(query):
    assert query("select quantity from fct_order_lines where _source_file = 'overtaken'") == [("2",)]


def test_a_visit_that_goes_on_is_counted_anew_and_each_event_once(query):
    sessions = query(
        "select session_id, customer_id, duration_seconds, entry_page, exit_page, events, products_viewed, "
        "has_checkout from fct_web_sessions order by session_id"
    )
    assert sessions == [
        ("s1", "7", "180", "/", "/done", "3", "1", "true"),
        ("s2", "-1", "0", "/", "/", "1", "0", "false"),
    ]


def test_late_sale_counts_in_its_month(query):
    assert query("select orders, net_revenue from monthly_revenue where month = date '2025-01-01'") == [
        ("3", "14.35")
    ]


def test_files_that_did_not_change_stay(query):
    assert query("select count(*) from fct_order_lines where _source_file = 'february'") == [("1",)]


def test_versions_of_a_customer_follow_each_other(query):
    versions = query(
        "select country, segment, valid_from, valid_to, is_current from dim_customers "
        "where customer_id = 7 order by valid_from"
    )
    assert versions == [
        ("France", "consumer", "1900-01-01 00:00:00.000000", "2025-02-01 00:00:00.000000", "false"),
        ("Norway", "business", "2025-02-01 00:00:00.000000", None, "true"),
    ]


def test_customer_that_only_a_late_sale_tells_of_is_known(query):
    assert query("select segment, is_current from dim_customers where customer_id = 8") == [
        ("unknown", "true")
    ]


def test_list_price_is_in_dollars_and_has_its_history(query):
    prices = query(
        "select list_price, is_current from dim_products where stock_code = '20001' order by valid_from"
    )
    assert prices == [("10.99", "false"), ("9.99", "true")]


def test_line_without_customer_belongs_to_the_unknown_one(query):
    assert query("select distinct customer_id from fct_order_lines where invoice_no = '3'") == [("-1",)]


@pytest.mark.parametrize(
    "model", ["dim_customers", "dim_products", "fct_order_lines", "fct_orders", "monthly_revenue"]
)
def test_catalogue_describes_every_column(loads, model):
    columns = loads.lake.columns_in_catalogue(model)
    assert columns
    assert [name for name, description in columns.items() if not description] == []
