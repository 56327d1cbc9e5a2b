"""The secret addresses by which mail is captured (C1)."""

from peewee import BigIntegerField, TextField

from crm_store.models.base import StoreModel
from crm_store.models.fields import reference


class BccAddress(StoreModel):
    """The address of one user in one location. It is never a recipient that anybody sees.

    works_until_ms: None while it is the current one; else the end of its grace, in the past once it is off.
    shown_at_ms: when it first stood in To or Cc; then it answers 250 for a year after its
    end, so that no customer gets a bounce.
    version: the value of AddressBookVersion at its last change; receivers read what is newer than theirs."""

    location_id = reference("location", on_delete="CASCADE")
    user_id = reference("crm_user", on_delete="CASCADE")
    address = TextField(unique=True)
    created_at_ms = BigIntegerField()
    works_until_ms = BigIntegerField(null=True)
    shown_at_ms = BigIntegerField(null=True)
    last_capture_at_ms = BigIntegerField(null=True)
    version = BigIntegerField(unique=True)

    class Meta:
        indexes = ((("location_id", "user_id", "id"), False),)


# C1: one address works for ever, all others have an end. Two replacements at once: the second finds the first's.
BccAddress.add_index(
    BccAddress.index(
        BccAddress.location_id,
        BccAddress.user_id,
        unique=True,
        name="bcc_address_current",
        where=BccAddress.works_until_ms.is_null(),
    )
)


class AddressBookVersion(StoreModel):
    """One row. Whoever changes an address counts it up in the same transaction: its row lock puts changes in order."""

    version = BigIntegerField(default=0)


class BccTest(StoreModel):
    """The latest self-test of an address (C1). What answers it is not written down: it is the first capture at the
    address after after_capture_id, the newest one that its owner had when it began."""

    bcc_address_id = reference("bcc_address", on_delete="CASCADE")
    after_capture_id = BigIntegerField()
    started_at_ms = BigIntegerField()

    class Meta:
        indexes = ((("bcc_address_id",), True),)
