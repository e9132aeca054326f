"""Alembic runs this to migrate, on the connection that `database` hands over; or without one, to print the SQL."""

from alembic import context

from grader.store.tables import Base

connection = context.config.attributes.get("connection")
context.configure(
    connection=connection,
    dialect_name=None if connection else context.config.attributes["dialect"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    literal_binds=connection is None,
)
with context.begin_transaction():
    context.run_migrations()
