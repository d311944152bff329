"""The desktop list as FastAPI, SQLAlchemy and uvicorn serve it: the peer of ``GET /api/workspaces``.

It answers the same JSON from the same database for the same access tokens, written as their documentation
shows it: a mapped class, an async session per request, pydantic models as the answer. It does the work that
the product does for a request (token, session, user, page, total, cursor, a line in the access log) and
nothing else: no metrics, no entity tag, no security headers.

Environment: ``DATABASE_URL`` and ``SECRET_KEY``.
"""

import base64
import json
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import jwt
from fastapi import Depends, FastAPI, HTTPException, Query
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict
from sqlalchemy import BigInteger, ForeignKey, Text, func, select, tuple_
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

ISSUER = "skydesk"
SECRET = os.environ["SECRET_KEY"]
# Two processes share what the product's one pool has: 16 connections.
engine = create_async_engine(
    os.environ["DATABASE_URL"].replace("postgres://", "postgresql+asyncpg://", 1),
    pool_size=8,
    max_overflow=0,
)
sessions = async_sessionmaker(engine, expire_on_commit=False)


class Base(DeclarativeBase):
    """Tables and views of the product."""

    type_annotation_map = {datetime: TIMESTAMP(timezone=True), dict[str, str]: JSONB, int: BigInteger}


class User(Base):
    """Somebody who may sign in."""

    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str]
    role: Mapped[str]
    disabled: Mapped[bool]
    must_change_password: Mapped[bool]


class Session(Base):
    """A signed-in browser."""

    __tablename__ = "sessions"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class WorkspaceCount(Base):
    """How many desktops there are in an account and region."""

    __tablename__ = "workspace_counts"
    account: Mapped[int] = mapped_column(primary_key=True)
    region: Mapped[str] = mapped_column(Text, primary_key=True)
    n: Mapped[int]


class Workspace(Base):
    """A desktop."""

    __tablename__ = "ask_workspaces"
    id: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[str]
    account_id: Mapped[str]
    region: Mapped[str]
    directory_id: Mapped[str]
    directory: Mapped[str | None]
    bundle_id: Mapped[str | None]
    bundle: Mapped[str | None]
    user_name: Mapped[str]
    computer_name: Mapped[str | None]
    ip_address: Mapped[str | None]
    subnet_id: Mapped[str | None]
    state: Mapped[str]
    error_code: Mapped[str | None]
    error_message: Mapped[str | None]
    running_mode: Mapped[str | None]
    auto_stop_minutes: Mapped[int | None]
    compute_type: Mapped[str | None]
    root_volume_gib: Mapped[int | None]
    user_volume_gib: Mapped[int | None]
    operating_system: Mapped[str | None]
    protocol: Mapped[str | None]
    root_encrypted: Mapped[bool]
    user_encrypted: Mapped[bool]
    connection: Mapped[str | None]
    last_connected_at: Mapped[datetime | None]
    connection_observed_at: Mapped[datetime | None]
    tags: Mapped[dict[str, str] | None]
    tags_observed_at: Mapped[datetime | None]
    first_seen_at: Mapped[datetime]
    observed_at: Mapped[datetime]
    gone_at: Mapped[datetime | None]


class WorkspaceOut(BaseModel):
    """A desktop as JSON."""

    model_config = ConfigDict(from_attributes=True)
    id: str
    account: str
    account_id: str
    region: str
    directory_id: str
    directory: str | None
    bundle_id: str | None
    bundle: str | None
    user_name: str
    computer_name: str | None
    ip_address: str | None
    subnet_id: str | None
    state: str
    error_code: str | None
    error_message: str | None
    running_mode: str | None
    auto_stop_minutes: int | None
    compute_type: str | None
    root_volume_gib: int | None
    user_volume_gib: int | None
    operating_system: str | None
    protocol: str | None
    root_encrypted: bool
    user_encrypted: bool
    connection: str | None
    last_connected_at: datetime | None
    connection_observed_at: datetime | None
    tags: dict[str, str] | None
    tags_observed_at: datetime | None
    first_seen_at: datetime
    observed_at: datetime
    gone_at: datetime | None


class Page(BaseModel):
    """A page of desktops."""

    items: list[WorkspaceOut]
    next: str | None
    total: int


async def database() -> AsyncIterator[AsyncSession]:
    """A session for one request."""
    async with sessions() as session:
        yield session


Database = Annotated[AsyncSession, Depends(database)]
Bearer = Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]


async def signed_in(db: Database, bearer: Bearer) -> User:
    """Who asks: the token is checked, and that its session still counts."""
    try:
        # The product's tokens name the user by number, which PyJWT would rather have as text.
        claims = jwt.decode(
            bearer.credentials,
            SECRET,
            algorithms=["HS256"],
            audience=ISSUER,
            issuer=ISSUER,
            options={"verify_sub": False},
        )
    except jwt.InvalidTokenError as error:
        raise HTTPException(401, "The access token is not one of ours.") from error
    user = await db.scalar(
        select(User)
        .join(Session, Session.user_id == User.id)
        .where(
            Session.id == UUID(claims["sid"]),
            Session.revoked_at.is_(None),
            Session.expires_at > datetime.now(UTC),
            User.disabled.is_(False),
        )
    )
    if user is None:
        raise HTTPException(401, "The session has ended.")
    if user.role not in ("viewer", "operator", "admin") or user.must_change_password:
        raise HTTPException(403, "Your role does not see this list.")
    return user


app = FastAPI()


@app.get("/api/workspaces")
async def workspaces(
    db: Database,
    _user: Annotated[User, Depends(signed_in)],
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: str | None = None,
) -> Page:
    """Desktops that exist, by user."""
    total = select(func.coalesce(func.sum(WorkspaceCount.n), 0)).scalar_subquery()
    page = select(Workspace, total).where(Workspace.gone_at.is_(None))
    if cursor is not None:
        try:
            name, key = json.loads(base64.urlsafe_b64decode(cursor))
        except ValueError as error:
            raise HTTPException(400, "The cursor does not belong to this list.") from error
        page = page.where(tuple_(Workspace.user_name, Workspace.id) > (name, key))
    page = page.order_by(Workspace.user_name, Workspace.id).limit(limit + 1)
    rows = (await db.execute(page)).all()
    following = None
    if len(rows) > limit:
        last = rows[limit - 1][0]
        following = base64.urlsafe_b64encode(json.dumps([last.user_name, last.id]).encode()).decode()
    items = [WorkspaceOut.model_validate(row[0]) for row in rows[:limit]]
    return Page(items=items, next=following, total=int(rows[0][1]) if rows else 0)
