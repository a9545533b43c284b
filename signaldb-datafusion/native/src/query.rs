//! One query: planned and run on the runtime's threads, read batch by batch from a thread of Java.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{ParamValues, ScalarValue};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{SessionState, TaskContext};
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::display::DisplayableExecutionPlan;
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use datafusion::prelude::SQLOptions;
use futures::StreamExt;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::{JoinError, JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::error::{Failure, Kind, Outcome};
use crate::export::plain_batch;
use crate::runtime::Engine;
use crate::select::{self, Select};
use crate::session::Session;
use crate::types::plain_schema;

/// Batches computed before Java asks for them.
const BATCHES_AHEAD: usize = 2;

pub struct Query {
    pub engine: Arc<Engine>,
    state: SessionState,
    question: Question,
    params: Vec<ScalarValue>,
    pub cancel: CancellationToken,
    executed: AtomicBool,
    /// With values and optimized, once the query has been looked at.
    optimized: Mutex<Option<LogicalPlan>>,
    plan: Mutex<Option<Arc<dyn ExecutionPlan>>>,
    rows: Mutex<Option<Rows>>,
}

/// What is asked, with placeholders.
#[derive(Clone)]
pub enum Question {
    Sql(String),
    Optimized(LogicalPlan),
    Select { table: Arc<dyn Select>, columns: Vec<String>, condition: String },
}

/// The columns that a query reads of a table.
pub struct Scan {
    pub table: [String; 3],
    pub columns: Vec<String>,
}

/// The batches of a query that runs in a task of its own.
pub struct Rows {
    receiver: Receiver<Outcome<RecordBatch>>,
    task: Option<JoinHandle<()>>,
}

impl Query {
    pub fn new(session: &Session, question: Question, params: Vec<ScalarValue>) -> Self {
        Self {
            engine: session.engine.clone(),
            state: session.state.clone(),
            question,
            params,
            cancel: session.engine.closed.child_token(),
            executed: AtomicBool::new(false),
            optimized: Mutex::new(None),
            plan: Mutex::new(None),
            rows: Mutex::new(None),
        }
    }

    /// Plans and starts the query for `next_batch`; returns the schema of its batches.
    pub fn execute(&self) -> Outcome<SchemaRef> {
        let (plan, context) = self.plan()?;
        let schema = Arc::new(plain_schema(&plan.schema()));
        let rows = self.start(plan, context, Some(schema.clone()));
        *self.rows.lock().unwrap_or_else(PoisonError::into_inner) = Some(rows);
        Ok(schema)
    }

    pub fn next_batch(&self) -> Outcome<Option<RecordBatch>> {
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let rows = rows.as_mut().ok_or_else(|| Failure::argument("query is not executed yet"))?;
        self.next(rows)
    }

    /// Plans the query; the schema is the engine's, not yet Java's.
    pub fn plan(&self) -> Outcome<(Arc<dyn ExecutionPlan>, Arc<TaskContext>)> {
        if self.executed.swap(true, Ordering::AcqRel) {
            return Err(Failure::argument("the data frame has been executed before"));
        }
        if self.engine.closed.is_cancelled() {
            return Err(Failure::new(Kind::Closed, "the runtime is closed"));
        }
        let optimized = self.optimized.lock().unwrap_or_else(PoisonError::into_inner).take();
        let question = optimized.map_or_else(|| self.question.clone(), Question::Optimized);
        let work = plan(self.state.clone(), question, self.params.clone());
        let (plan, context) = self.wait_for(work)?;
        *self.plan.lock().unwrap_or_else(PoisonError::into_inner) = Some(plan.clone());
        Ok((plan, context))
    }

    /// The placeholders of the text, in the order of their names, with the types that their places
    /// ask for, and the columns of the answer as far as they are known without values.
    pub fn describe(&self) -> Outcome<(Schema, Schema)> {
        let (state, sql) = (self.state.clone(), self.sql()?);
        let logical = self.wait_for(async move { Ok(logical_plan(&state, &sql).await?) })?;
        let mut types: Vec<_> = logical.get_parameter_types()?.into_iter().collect();
        types.sort_by_key(|(name, _)| (name.len(), name.clone()));
        let placeholder = |(name, data_type): (String, Option<DataType>)| {
            Field::new(name, data_type.unwrap_or(DataType::Null), true)
        };
        let placeholders = types.into_iter().map(placeholder).collect::<Vec<_>>();
        let answer = plain_schema(logical.schema().as_arrow());
        Ok((plain_schema(&Schema::new(placeholders)), answer))
    }

    /// What the query will read of which tables. Plans it as far as that; what the tables hold may
    /// still change before it is executed.
    pub fn scans(&self) -> Outcome<Vec<Scan>> {
        let (mut state, sql, params) = (self.state.clone(), self.sql()?, self.params.clone());
        let optimized = self.wait_for(async move {
            state.mark_start_execution();
            let logical = bound(logical_plan(&state, &sql).await?, params)?;
            Ok(state.optimize(&logical)?)
        })?;
        let scans = scans_of(&optimized, &self.state)?;
        *self.optimized.lock().unwrap_or_else(PoisonError::into_inner) = Some(optimized);
        Ok(scans)
    }

    fn sql(&self) -> Outcome<String> {
        match &self.question {
            Question::Sql(sql) => Ok(sql.clone()),
            _ => Err(Failure::argument("the data frame has no SQL text")),
        }
    }

    /// Plans on a thread of the runtime, whose stack is large.
    fn wait_for<T: Send + 'static>(
        &self,
        work: impl Future<Output = Outcome<T>> + Send + 'static,
    ) -> Outcome<T> {
        // the planner seldom yields: a cancelled one ends in the background
        let mut task = self.engine.spawn(work);
        let planned = self.engine.block_on(async {
            tokio::select! { biased;
                _ = self.cancel.cancelled() => None,
                joined = &mut task => Some(joined),
            }
        });
        let Some(joined) = planned else {
            task.abort();
            return Err(Failure::cancelled());
        };
        joined.map_err(join_failure)?
    }

    /// Runs a plan in a task; its batches are cast to `schema` there if one is given.
    pub fn start(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        context: Arc<TaskContext>,
        schema: Option<SchemaRef>,
    ) -> Rows {
        let (sender, receiver) = channel(BATCHES_AHEAD);
        let task = self.engine.spawn(run(plan, context, schema, sender, self.cancel.clone()));
        Rows { receiver, task: Some(task) }
    }

    pub fn next(&self, rows: &mut Rows) -> Outcome<Option<RecordBatch>> {
        self.engine.block_on(async {
            tokio::select! { biased;
                _ = self.cancel.cancelled() => Err(Failure::cancelled()),
                batch = rows.next() => batch,
            }
        })
    }

    pub fn check_cancelled(&self) -> Outcome<()> {
        if self.cancel.is_cancelled() { Err(Failure::cancelled()) } else { Ok(()) }
    }

    pub fn metrics(&self) -> String {
        match self.plan.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            Some(plan) => {
                DisplayableExecutionPlan::with_metrics(plan.as_ref()).indent(true).to_string()
            }
            None => String::new(),
        }
    }
}

impl Rows {
    async fn next(&mut self) -> Outcome<Option<RecordBatch>> {
        if let Some(batch) = self.receiver.recv().await {
            return batch.map(Some);
        }
        match self.task.take() {
            Some(task) => task.await.map(|()| None).map_err(join_failure),
            None => Ok(None),
        }
    }
}

async fn plan(
    mut state: SessionState,
    question: Question,
    params: Vec<ScalarValue>,
) -> Outcome<(Arc<dyn ExecutionPlan>, Arc<TaskContext>)> {
    state.mark_start_execution();
    let plan = match question {
        Question::Sql(sql) => plan_sql(&state, &sql, params).await?,
        Question::Optimized(plan) => {
            state.query_planner().create_physical_plan(&plan, &state).await?
        }
        Question::Select { table, columns, condition } => {
            select::plan(table.as_ref(), &state, &columns, &condition, &params).await?
        }
    };
    Ok((plan, state.task_ctx()))
}

async fn plan_sql(
    state: &SessionState,
    sql: &str,
    params: Vec<ScalarValue>,
) -> Outcome<Arc<dyn ExecutionPlan>> {
    let logical = bound(logical_plan(state, sql).await?, params)?;
    Ok(state.create_physical_plan(&logical).await?)
}

/// The statement, which changes nothing.
async fn logical_plan(state: &SessionState, sql: &str) -> Result<LogicalPlan> {
    let logical = state.create_logical_plan(sql).await?;
    SQLOptions::new()
        .with_allow_ddl(false)
        .with_allow_dml(false)
        .with_allow_statements(false)
        .verify_plan(&logical)
        .map_err(|e| {
            let why = e.strip_backtrace();
            let why = why.trim_start_matches("Error during planning: ");
            DataFusionError::Plan(format!("only queries are accepted: {why}"))
        })?;
    Ok(logical)
}

fn bound(logical: LogicalPlan, params: Vec<ScalarValue>) -> Result<LogicalPlan> {
    if params.is_empty() {
        return Ok(logical);
    }
    logical.with_param_values(ParamValues::from(params))
}

fn scans_of(plan: &LogicalPlan, state: &SessionState) -> Result<Vec<Scan>> {
    let defaults = &state.config_options().catalog;
    let mut scans = Vec::new();
    plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node {
            let name = scan.table_name.clone();
            let name = name.resolve(&defaults.default_catalog, &defaults.default_schema);
            let columns = scan.projected_schema.fields().iter().map(|f| f.name().clone());
            scans.push(Scan {
                table: [&name.catalog, &name.schema, &name.table].map(|part| part.to_string()),
                columns: columns.collect(),
            });
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(scans)
}

async fn run(
    plan: Arc<dyn ExecutionPlan>,
    context: Arc<TaskContext>,
    schema: Option<SchemaRef>,
    sender: Sender<Outcome<RecordBatch>>,
    cancel: CancellationToken,
) {
    let mut stream = match execute_stream(plan, context) {
        Ok(stream) => stream,
        Err(e) => {
            // a receiver that is gone has been closed by Java and wants no answer
            let _ = sender.send(Err(e.into())).await;
            return;
        }
    };
    loop {
        let next = tokio::select! { biased;
            _ = cancel.cancelled() => return,
            next = stream.next() => next,
        };
        let item = match (next, &schema) {
            (None, _) => return,
            (Some(Err(e)), _) => Err(Failure::from(e)),
            (Some(Ok(batch)), None) => Ok(batch),
            (Some(Ok(batch)), Some(schema)) => plain_batch(batch, schema),
        };
        let failed = item.is_err();
        let sent = tokio::select! { biased;
            _ = cancel.cancelled() => return,
            sent = sender.send(item) => sent,
        };
        if sent.is_err() || failed {
            return;
        }
    }
}

fn join_failure(error: JoinError) -> Failure {
    if error.is_panic() { Failure::panic(error.into_panic()) } else { Failure::cancelled() }
}
