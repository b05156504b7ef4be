from collections.abc import Iterator

from django.conf import settings
from django.db import connection, models
from django.db.models import Q

from catalog.importing.database.identity.editions import ASKED
from catalog.importing.terms import Change
from config.database.copying import copying

CHUNK = 1_000_000  # bytes of a file in one row

CHANGE_LABELS = {
    Change.NEW: "新案例",
    Change.CHANGED: "有改动",
    Change.CONFLICT: "与编辑稿冲突",
    Change.DUPLICATE: "可能重复",
    Change.UNCHANGED: "不变",
    Change.REMOVED: "编辑已删除",
    Change.REFUSED: "不能导入",
}


class ImportBatch(models.Model):
    """Files that somebody brought in at once, and what becomes of them."""

    class State(models.TextChoices):
        READING = "reading", "读取中"
        WAITING = "waiting", "待确认"
        IMPORTING = "importing", "导入中"
        DONE = "done", "已导入"
        FAILED = "failed", "失败"
        CANCELLED = "cancelled", "已取消"
        UNDOING = "undoing", "撤销中"
        UNDONE = "undone", "已撤销"

    state = models.CharField("状态", max_length=9, choices=State, default=State.READING)
    created_at = models.DateTimeField("上传", auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name="上传者"
    )
    accepted_at = models.DateTimeField("确认", null=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name="确认者"
    )
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name="撤销者"
    )
    public = models.BooleanField("新案例直接公开", default=False)
    taken_for = models.CharField(
        "同名的文件", max_length=7, blank=True, choices=[("edition", "认作新版本"), ("source", "当作另一份文件")]
    )
    context = models.UUIDField(null=True)  # of what was written, in the history
    finished_at = models.DateTimeField("结束", null=True)
    # How far the job is: its step, and how many of how many, of whatever the step counts.
    step = models.CharField("步骤", max_length=200, blank=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(
        default=0
    )  # of the present job; more than one after a worker was killed
    cancel_asked = models.BooleanField(default=False)
    message = models.TextField("说明", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "导入批次"
        ordering = ["-pk"]
        default_permissions = ()
        permissions = [("import_cases", "导入案例")]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=["reading", "waiting", "importing", "done", "failed", "cancelled", "undoing", "undone"],
                ),
                name="batch_state",
            )
        ]

    def __str__(self):
        return f"第 {self.pk} 批"

    def read_again(self, message: str = "") -> None:
        """Back to where a preview is made. The caller asks the queue for it in the same transaction."""
        self.state, self.message = self.State.READING, message
        self.attempts, self.accepted_at, self.finished_at = 0, None, None
        self.save(update_fields=["state", "message", "attempts", "accepted_at", "finished_at"])

    @property
    def is_at_work(self) -> bool:
        return self.state in (self.State.READING, self.State.IMPORTING, self.State.UNDOING)

    @property
    def percent(self) -> int:
        return min(100, 100 * self.done // self.total) if self.total else 0


class BatchFile(models.Model):
    """One file as it was uploaded. `problem`: why it can't be imported; `report`: what its import did."""

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="files")
    name = models.CharField("文件", max_length=255)
    size = models.BigIntegerField("字节")
    sha256 = models.CharField(max_length=64)
    problem = models.TextField("问题", blank=True)
    report = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "批次的文件"
        ordering = ["name"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["batch", "name"], name="batch_file_name")]

    def __str__(self):
        return self.name

    @property
    def asks(self) -> bool:
        """Whether somebody has to say what the file is: it fits the source of its name by half."""
        return ASKED in self.problem

    def write(self, chunks: Iterator[bytes]) -> None:
        """By COPY: a whole file as one parameter would be held several times over."""
        with copying(connection.ops.quote_name(FileChunk._meta.db_table), "file_id, position, content") as copy:
            for position, chunk in enumerate(chunks):
                copy.write_row((self.pk, position, chunk))

    def read(self) -> Iterator[bytes]:
        for pk in self.chunks.order_by("position").values_list("pk", flat=True):
            yield bytes(self.chunks.values_list("content", flat=True).get(pk=pk))


class FileChunk(models.Model):
    file = models.ForeignKey(BatchFile, models.CASCADE, related_name="chunks", db_index=False)
    position = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        verbose_name = verbose_name_plural = "文件的字节"
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["file", "position"], name="file_chunk_once")]

    def __str__(self):
        return f"{self.file_id}/{self.position}"


class BatchItem(models.Model):
    """What the import would do to one case: see `catalog.importing.terms.Outcome`. `mark`: by which the import knows
    that it does what was shown. `case_key`: there may be no such case any more.
    """

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="items", db_index=False)
    position = models.PositiveIntegerField()
    source = models.CharField(max_length=255)
    ref = models.CharField(max_length=240)
    change = models.CharField(max_length=9)  # a `Change`
    title = models.CharField(max_length=300)
    case_key = models.BigIntegerField(null=True)
    old = models.JSONField(default=dict)
    new = models.JSONField(default=dict)
    kept = models.JSONField(default=list)
    doubts = models.JSONField(default=list)
    chosen = models.BooleanField(default=True)
    mark = models.CharField(max_length=32)

    class Meta:
        verbose_name = verbose_name_plural = "批次的案例"
        ordering = ["position"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["batch", "ref"], name="batch_item_ref")]
        indexes = [
            models.Index(fields=["batch", "position"], name="batch_item_place"),
            models.Index(fields=["batch", "change", "position"], name="batch_item_change"),
        ]

    def __str__(self):
        return self.title

    @property
    def change_label(self) -> str:
        return CHANGE_LABELS[Change(self.change)]
