# 每个目标后面 ## 的文字就是 make 列出的说明。
.DEFAULT_GOAL := help
.PHONY: help setup run dev backup restore test test-fast lint judge mutants break bench shell lock clean clean-data

PYTHON_VENV := .venv/bin/python
# A process a core, each with a test database of its own; ARGS="-n 0" runs the tests one by one.
PYTEST := $(PYTHON_VENV) -m pytest -n logical --maxprocesses 4
MANAGE := $(PYTHON_VENV) manage.py
ARGS ?=

help:
	@echo "用法：make <目标>"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' Makefile

setup: ## 建立 .venv 并安装锁定的依赖（有变化时才装）
	@scripts/setup base

run: setup ## 准备好一切并启动网站 http://127.0.0.1:8000（HOST、PORT 可改）
	@$(MANAGE) serve

dev: export DEBUG ?= 1
dev: setup ## 启动开发服务器，改代码后自动重新加载
	@$(MANAGE) serve --reload

backup: setup ## 备份整个数据库到 var/backups，核对过才算数（ARGS=--list 列出已有的）
	@$(MANAGE) backup $(ARGS)

# `make restore var/backups/….backup` does as well: make takes the file for one more target, which is there already.
ifeq (restore,$(firstword $(MAKECMDGOALS)))
FILE ?= $(word 2,$(MAKECMDGOALS))
endif
restore: setup ## 用备份换下现在的数据库（FILE=var/backups/….backup），原来的改名留着
	@$(MANAGE) restore $(if $(FILE),"$(FILE)") $(ARGS)

test: ## 准备测试环境并运行全部测试（ARGS="-k 名称" 只跑一部分）
	@scripts/setup dev
	@scripts/browser
	@$(PYTEST) $(ARGS)

test-fast: ## 日常的测试：没有浏览器，没有慢的，不到两分钟
	@scripts/setup dev
	@$(PYTEST) -m "not browser and not slow" $(ARGS)

lint: ## 检查代码、模板、房间的次序、类型与缺少的数据库迁移
	@scripts/setup dev
	@scripts/lint

judge: setup ## 用评判过的查询衡量检索（ARGS="--all" 列出没答好的）
	@$(PYTHON_VENV) -m bench.judge $(ARGS)

mutants: ## 变异测试：把一处改坏，看有没有测试不答应（ARGS="名称 …"；--list 列出）
	@scripts/setup dev
	@$(PYTHON_VENV) -m bench.mutants $(ARGS)

break: setup ## 弄坏：随机杀进程、写满磁盘，看读者和编辑得到什么（ARGS="--rounds 20"；很久）
	@$(PYTHON_VENV) -m bench.breaking $(ARGS)

bench: ## 与其他检索比速度与大小（ARGS="--cases 100000"；--plot 文件 画图）
	@scripts/setup bench
	@$(PYTHON_VENV) -m bench.search $(ARGS)

shell: setup ## 打开 Django 命令行
	@$(MANAGE) shell

lock: ## 按 pyproject.toml 重新锁定依赖（requirements/*.txt）
	@scripts/setup dev
	@scripts/lock

clean: ## 停止内置数据库，删除 .venv 与缓存（保留 var/postgres 里的数据）
	@scripts/clean

clean-data: ## 删除内置数据库及其全部数据（须加 CONFIRM=1）
	@scripts/clean-data
