"""Where Alembic begins: on the connection that it is handed, in one transaction."""

from alembic import context

from chamdiem.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
context.run_migrations()
