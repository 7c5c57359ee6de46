"""Times are kept to the microsecond, in UTC, and never without a zone."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy.exc import StatementError

from flask_userkit.models import Event
from flask_userkit.services.engines import create_kit_engine

MOMENT = dt.datetime(2026, 10, 25, 0, 30, 0, 123457, tzinfo=dt.UTC)
ELSEWHERE = dt.timezone(dt.timedelta(hours=-3, minutes=-30))


def stored(url: str, moment: dt.datetime) -> dt.datetime:
    engine = create_kit_engine(url)
    try:
        with engine.begin() as connection:
            row = {"id": "evt_1", "name": "test", "data": {}, "created_at": moment}
            connection.execute(insert(Event).values(row))
            return connection.execute(select(Event.created_at)).scalar_one()
    finally:
        engine.dispose()


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize(
    "moment",
    [
        MOMENT,
        MOMENT.astimezone(ELSEWHERE),
        dt.datetime(1970, 1, 1, tzinfo=dt.UTC),
        dt.datetime(2999, 12, 31, 23, 59, 59, 999999, tzinfo=dt.UTC),
    ],
)
def test_a_moment_comes_back_as_it_was_in_utc(database_url: str, moment: dt.datetime) -> None:
    found = stored(database_url, moment)
    assert found == moment
    assert found.tzinfo == dt.UTC


@pytest.mark.usefixtures("backend")
def test_a_time_without_a_zone_is_refused(database_url: str) -> None:
    with pytest.raises(StatementError, match="without a time zone"):
        stored(database_url, MOMENT.replace(tzinfo=None))


@pytest.mark.usefixtures("backend")
def test_times_compare_as_moments_in_the_database(database_url: str) -> None:
    stored(database_url, MOMENT)
    engine = create_kit_engine(database_url)
    with engine.connect() as connection:
        for limit, matches in [
            (MOMENT.astimezone(ELSEWHERE), 1),
            (MOMENT - dt.timedelta(microseconds=1), 0),
            (MOMENT + dt.timedelta(microseconds=1), 1),
        ]:
            found = connection.execute(select(Event.id).where(Event.created_at <= limit)).all()
            assert len(found) == matches
    engine.dispose()
