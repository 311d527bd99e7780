#include "parser/log/pipeline.h"

#include <algorithm>
#include <utility>

namespace assay {
namespace {

constexpr std::size_t kExcerptBytes = 240;

}  // namespace

BlockReader::BlockReader(ByteSource& source, std::string head, const LogDialect& dialect, std::size_t block_size)
    : source_(source),
      borders_(make_tokenizer(dialect)),
      block_size_(block_size),
      max_record_(dialect.max_record),
      buffer_(std::move(head)) {}

/// Makes `size` bytes available ahead; false where the source ends before.
bool BlockReader::fill(std::size_t size) {
  if (ahead().size() >= size) return true;
  if (at_end_) return false;
  buffer_.erase(0, begin_);
  begin_ = 0;
  const std::size_t had = buffer_.size();
  buffer_.resize(size);
  buffer_.resize(had + source_.read(buffer_.data() + had, size - had));
  at_end_ = buffer_.size() < size;
  return !at_end_;
}

/// Lets the block's text grow to `size` bytes; false where the source ends before.
bool BlockReader::load(Block& block, std::size_t size) {
  if (block.bytes.size() < size) block.bytes.resize(size);
  const auto first = ahead().substr(0, size - block.size);
  std::copy(first.begin(), first.end(), block.bytes.data() + block.size);
  block.size += first.size();
  begin_ += first.size();
  if (block.size < size && !at_end_) {
    block.size += source_.read(block.bytes.data() + block.size, size - block.size);
    at_end_ = block.size < size;
  }
  return block.size == size;
}

/// Keeps the block's text but for its first `size` bytes for the next block.
void BlockReader::put_back(Block& block, std::size_t size) {
  const auto rest = block.text().substr(size);
  if (!ahead().empty()) {  // so all of the block came from the buffer
    begin_ -= rest.size();
  } else {
    buffer_ = rest;
    begin_ = 0;
  }
  block.size = size;
}

bool BlockReader::next(Block& block) {
  block.clear();
  bool more = true;
  for (std::size_t size = block_size_; (more = load(block, size)); size *= 2) {
    const std::size_t border = borders_->last_border(block.text());
    if (border == 0 && size <= max_record_ + borders_->look_ahead()) continue;
    put_back(block, border);
    if (border == 0) drop_record(block);
    break;
  }
  if (!more) complete(block);
  block.at_end = at_end_ && ahead().empty();
  block.input_position = source_.position();
  return more || block.size > 0;
}

/// Puts what the next file tells of the last record behind it.
void BlockReader::complete(Block& block) {
  if (rest_.empty() || block.size == 0 || !source_.damage().empty() || !borders_->is_completed_by(block.text(), rest_))
    return;
  block.bytes.resize(std::max(block.bytes.size(), block.size + rest_.size()));
  std::copy(rest_.begin(), rest_.end(), block.bytes.data() + block.size);
  block.size += rest_.size();
  rest_ = {};
  was_completed_ = true;
}

/// Drops the record at the front, reading on until another one starts at the front of a line. The last line in sight is
/// kept for the next turn, unless so much of it is there that it can be judged.
void BlockReader::drop_record(Block& block) {
  constexpr std::size_t kJudged = 8192;
  block.dropped_excerpt = ahead().substr(0, kExcerptBytes);
  bool line_is_judged = true;
  bool line_is_open = false;
  for (bool more = true; more;) {
    more = fill(block_size_ + kJudged);
    const auto text = ahead();
    const std::size_t found = first_record(*borders_, text, line_is_judged ? line_end(text, 0) + 1 : 0);
    std::size_t dropped = found;
    if (found == std::string_view::npos) {
      const std::size_t last_line = text.rfind('\n') + 1;
      line_is_judged = !more || text.size() - last_line > kJudged;
      dropped = line_is_judged ? text.size() : last_line;
    }
    block.dropped_lines += static_cast<std::uint64_t>(std::count(text.begin(), text.begin() + dropped, '\n'));
    if (dropped > 0) line_is_open = text[dropped - 1] != '\n';
    begin_ += dropped;
    if (found != std::string_view::npos) return;
  }
  block.dropped_lines += line_is_open ? 1 : 0;
}

BlockPipeline::BlockPipeline(BlockReader& reader, const LogDialect& dialect, unsigned jobs) : reader_(reader) {
  for (unsigned i = 0; i < std::max(jobs, 1U); ++i) tokenizers_.push_back(make_tokenizer(dialect));
  for (unsigned i = 1; i < jobs; ++i) workers_.emplace_back([this, i] { work(*tokenizers_[i]); });
}

BlockPipeline::~BlockPipeline() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  task_added_.notify_all();
  for (auto& worker : workers_) worker.join();
}

std::unique_ptr<Block> BlockPipeline::read_block() {
  auto block = spare_.empty() ? std::make_unique<Block>() : std::move(spare_.back());
  if (!spare_.empty()) spare_.pop_back();
  return reader_.next(*block) ? std::move(block) : nullptr;
}

/// To be called with the lock held.
std::shared_ptr<BlockPipeline::Task> BlockPipeline::take_waiting() {
  auto task = std::move(waiting_.front());
  waiting_.pop_front();
  return task;
}

void BlockPipeline::tokenize(Task& task, Tokenizer& tokenizer) {
  try {
    tokenizer.tokenize(*task.block);
  } catch (...) {
    task.failure = std::current_exception();
  }
  const std::lock_guard lock(mutex_);
  task.done = true;
  task_done_.notify_one();
}

void BlockPipeline::work(Tokenizer& tokenizer) {
  for (;;) {
    std::shared_ptr<Task> task;
    {
      std::unique_lock lock(mutex_);
      task_added_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
      if (stopping_) return;
      task = take_waiting();
    }
    tokenize(*task, tokenizer);
  }
}

/// Reads ahead as far as the bound allows. A failing source is told in its turn, behind the blocks before it.
void BlockPipeline::start_tasks() {
  const std::size_t bound = 2 * workers_.size() + 2;
  while (!read_all_ && in_order_.size() < bound) {
    auto task = std::make_shared<Task>();
    try {
      task->block = read_block();
    } catch (...) {
      task->failure = std::current_exception();
      task->done = true;
    }
    read_all_ = task->block == nullptr;
    if (read_all_ && !task->failure) return;
    const std::lock_guard lock(mutex_);
    in_order_.push_back(task);
    if (task->failure) return;
    waiting_.push_back(std::move(task));
    task_added_.notify_one();
  }
}

std::unique_ptr<Block> BlockPipeline::next() {
  if (workers_.empty()) {
    auto block = read_block();
    if (block) tokenizers_.front()->tokenize(*block);
    return block;
  }
  start_tasks();
  if (in_order_.empty()) return nullptr;
  const auto task = in_order_.front();
  std::unique_lock lock(mutex_);
  while (!task->done && !waiting_.empty()) {
    const auto other = take_waiting();
    lock.unlock();
    tokenize(*other, *tokenizers_.front());
    lock.lock();
  }
  task_done_.wait(lock, [&] { return task->done; });
  in_order_.pop_front();
  if (task->failure) std::rethrow_exception(task->failure);
  return std::move(task->block);
}

void BlockPipeline::recycle(std::unique_ptr<Block> block) { spare_.push_back(std::move(block)); }

}  // namespace assay
