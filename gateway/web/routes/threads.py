"""/threads"""

from fastapi import APIRouter, Response

from crm_store import threads
from crm_store.blobs.store import BlobStore
from crm_store.clock import now_ms
from gateway.web.asking import Token, asked_by
from gateway.web.json_route import api_router
from gateway.web.making import Once
from gateway.web.shapes.fields import Id
from gateway.web.shapes.thread import Split, Thread, ThreadMerge, ThreadMove, thread


def router(blobs: BlobStore) -> APIRouter:
    api = api_router("threads")

    @api.post(
        "/threads/{thread_id}/split",
        response_model=Thread,
        summary="Make some of a thread's entries a thread of their own",
    )
    def split_thread(token: Token, once: Once, thread_id: Id, body: Split) -> Response:
        """Answers the new thread. No later message makes the two one again by itself."""
        now = now_ms()
        with asked_by(token) as access:
            plan = threads.plan_split(access, thread_id, body.entry_ids, blobs)
            return once.once(access, lambda: thread(threads.split(access, plan, now_ms=now)), now_ms=now, status=200)

    @api.post("/threads/{thread_id}/merge", summary="Make two threads of one conversation one")
    def merge_thread(token: Token, thread_id: Id, body: ThreadMerge) -> Thread:
        with asked_by(token) as access:
            return thread(threads.merge(access, thread_id, body.into, now_ms=now_ms()))

    @api.post("/threads/{thread_id}/move", summary="Move a thread to another contact's conversation")
    def move_thread(token: Token, thread_id: Id, body: ThreadMove) -> Thread:
        """Answers to it follow. A conversation in which nothing is left disappears."""
        with asked_by(token) as access:
            return thread(threads.move(access, thread_id, body.contact_id, now_ms=now_ms()))

    return api
