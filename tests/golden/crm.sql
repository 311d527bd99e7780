-- Indexes in the order of their gain. Each CREATE INDEX CONCURRENTLY must run outside of a
-- transaction; when one fails it leaves an invalid index behind, which the rollback drops.

-- I1
CREATE INDEX CONCURRENTLY activities_owner_id_completed_at_due_at_created_at_kind_idx ON public.activities USING btree (owner_id, completed_at, due_at) INCLUDE (created_at, kind);

-- I2
CREATE INDEX CONCURRENTLY opportunity_line_items_opportunity_id_idx ON public.opportunity_line_items USING btree (opportunity_id);

-- I3
CREATE INDEX CONCURRENTLY activities_account_id_created_at_idx ON public.activities USING btree (account_id, created_at DESC);

-- I4
CREATE INDEX CONCURRENTLY opportunities_owner_id_status_idx ON public.opportunities USING btree (owner_id, status);

-- I5
CREATE INDEX CONCURRENTLY notes_parent_id_created_at_idx ON public.notes USING btree (parent_id, created_at DESC);

-- I6
CREATE INDEX CONCURRENTLY ticket_comments_ticket_id_idx ON public.ticket_comments USING btree (ticket_id);

-- I7
CREATE INDEX CONCURRENTLY emails_contact_id_sent_at_idx ON public.emails USING btree (contact_id, sent_at DESC);

-- I8
CREATE INDEX CONCURRENTLY activities_created_at_kind_idx1 ON public.activities USING btree (created_at DESC) INCLUDE (kind);

-- I9
CREATE INDEX CONCURRENTLY opportunities_account_id_idx ON public.opportunities USING btree (account_id);

-- I10
CREATE INDEX CONCURRENTLY audit_log_entity_id_created_at_idx ON public.audit_log USING btree (entity_id, created_at DESC);

-- I11
CREATE INDEX CONCURRENTLY background_jobs_queue_run_at_idx ON public.background_jobs USING btree (queue, run_at);

-- I12
CREATE INDEX CONCURRENTLY taggings_taggable_id_idx ON public.taggings USING btree (taggable_id);

-- I13
CREATE INDEX CONCURRENTLY audit_log_created_at_idx ON public.audit_log USING btree (created_at DESC);

-- I14
CREATE INDEX CONCURRENTLY emails_sent_at_direction_opened_at_idx1 ON public.emails USING btree (sent_at DESC) INCLUDE (direction, opened_at);

-- I15
CREATE INDEX CONCURRENTLY opportunities_tenant_id_status_amount_closed_at_deleted_at__idx ON public.opportunities USING btree (tenant_id, status) INCLUDE (amount, closed_at, deleted_at, id, stage_id);

-- I16
CREATE INDEX CONCURRENTLY opportunities_tenant_id_status_closed_at_account_id_amount_idx1 ON public.opportunities USING btree (tenant_id, status, closed_at) INCLUDE (account_id, amount, owner_id);

-- I17
CREATE INDEX CONCURRENTLY tickets_assignee_id_idx ON public.tickets USING btree (assignee_id);

-- I18
CREATE INDEX CONCURRENTLY contacts_id_email_first_name_last_name_tenant_id_updated_at_idx ON public.contacts USING btree (id) INCLUDE (email, first_name, last_name, tenant_id, updated_at);

-- I19
CREATE INDEX CONCURRENTLY leads_tenant_id_created_at_deleted_at_email_id_is_converte_idx1 ON public.leads USING btree (tenant_id, created_at) INCLUDE (deleted_at, email, id, is_converted, source, status);

-- I20
CREATE INDEX CONCURRENTLY opportunities_tenant_id_closed_at_lost_reason_status_idx ON public.opportunities USING btree (tenant_id, closed_at) INCLUDE (lost_reason, status);

-- I21
CREATE INDEX CONCURRENTLY contacts_split_part_idx ON public.contacts USING btree ((split_part(email, '@', 2)));

-- I22
CREATE INDEX CONCURRENTLY contacts_phone_idx ON public.contacts USING btree (phone);

-- I23
CREATE INDEX CONCURRENTLY accounts_tenant_id_account_type_created_at_deleted_at_id_na_idx ON public.accounts USING btree (tenant_id) INCLUDE (account_type, created_at, deleted_at, id, name, website);

-- I24
CREATE INDEX CONCURRENTLY tickets_tenant_id_solved_at_created_at_id_priority_subject_idx ON public.tickets USING btree (tenant_id, solved_at) INCLUDE (created_at, id, priority, subject);

-- I25
CREATE INDEX CONCURRENTLY leads_expr_idx ON public.leads USING btree ((custom_fields ->> 'utm_campaign'));

-- I26
CREATE INDEX CONCURRENTLY contacts_tenant_id_deleted_at_email_id_idx ON public.contacts USING btree (tenant_id) INCLUDE (deleted_at, email, id);

-- I27
CREATE INDEX CONCURRENTLY leads_tenant_id_status_created_at_deleted_at_idx ON public.leads USING btree (tenant_id, status, created_at) INCLUDE (deleted_at);

-- I28
CREATE INDEX CONCURRENTLY opportunities_tenant_id_id_name_idx ON public.opportunities USING btree (tenant_id) INCLUDE (id, name);

-- I29
CREATE INDEX CONCURRENTLY tickets_account_id_idx ON public.tickets USING btree (account_id);

-- I30
CREATE INDEX CONCURRENTLY accounts_id_name_idx ON public.accounts USING btree (id) INCLUDE (name);

-- I31
CREATE INDEX CONCURRENTLY accounts_tenant_id_name_id_idx ON public.accounts USING btree (tenant_id, name) INCLUDE (id);

-- I32
CREATE INDEX CONCURRENTLY user_sessions_expires_at_idx ON public.user_sessions USING btree (expires_at);

-- I33
CREATE INDEX CONCURRENTLY accounts_custom_fields_idx ON public.accounts USING gin (custom_fields jsonb_path_ops);

-- I34
CREATE INDEX CONCURRENTLY tickets_solved_at_idx1 ON public.tickets USING brin (solved_at);

-- I35
CREATE INDEX CONCURRENTLY opportunities_tenant_id_created_at_id_idx ON public.opportunities USING btree (tenant_id, created_at DESC, id DESC);
