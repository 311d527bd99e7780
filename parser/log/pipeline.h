// From bytes to tokenized blocks, in the order of the file, with any number of workers.
//
// BlockReader cuts the bytes at record borders; BlockPipeline hands the blocks to worker threads and returns them in
// order; the caller's thread takes a block too when it would have to wait. The number of blocks under way is bounded,
// and so is a block: a record that grows over the limit is dropped with its lines counted.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "parser/log/block.h"
#include "parser/log/source.h"
#include "parser/log/tokenizer.h"

namespace assay {

class BlockReader {
 public:
  /// `head` is what was read from the source already (to recognise the format).
  BlockReader(ByteSource& source, std::string head, const LogDialect& dialect, std::size_t block_size);

  /// The front of the file behind this one: put behind the last record, if that is not whole without it.
  void may_be_completed_by(std::string_view rest) { rest_ = rest; }

  /// Fills `block` with the next records; false at the end.
  bool next(Block& block);

  /// Whether that was done.
  bool was_completed() const { return was_completed_; }

 private:
  std::string_view ahead() const { return std::string_view(buffer_).substr(begin_); }
  bool fill(std::size_t size);
  bool load(Block& block, std::size_t size);
  void put_back(Block& block, std::size_t size);
  void drop_record(Block& block);
  void complete(Block& block);

  ByteSource& source_;
  std::unique_ptr<Tokenizer> borders_;
  std::size_t block_size_, max_record_;
  std::string buffer_;     // what was read and is not handed over yet: little, since blocks are read in place
  std::size_t begin_ = 0;  // of it
  bool at_end_ = false;    // of the source
  std::string_view rest_;
  bool was_completed_ = false;
};

class BlockPipeline {
 public:
  BlockPipeline(BlockReader& reader, const LogDialect& dialect, unsigned jobs);
  ~BlockPipeline();
  BlockPipeline(const BlockPipeline&) = delete;
  BlockPipeline& operator=(const BlockPipeline&) = delete;

  /// The next tokenized block; nullptr at the end. Throws what a worker threw.
  std::unique_ptr<Block> next();

  /// Gives a block back, for its memory to be used again.
  void recycle(std::unique_ptr<Block> block);

 private:
  struct Task {
    std::unique_ptr<Block> block;
    bool done = false;
    std::exception_ptr failure;
  };

  std::unique_ptr<Block> read_block();
  void start_tasks();
  void work(Tokenizer& tokenizer);
  std::shared_ptr<Task> take_waiting();
  void tokenize(Task& task, Tokenizer& tokenizer);

  BlockReader& reader_;
  std::vector<std::unique_ptr<Tokenizer>> tokenizers_;  // the first one is the caller's, then one a worker
  std::vector<std::unique_ptr<Block>> spare_;
  bool read_all_ = false;

  std::mutex mutex_;
  std::condition_variable task_added_, task_done_;
  std::deque<std::shared_ptr<Task>> in_order_;  // all under way
  std::deque<std::shared_ptr<Task>> waiting_;   // for a worker
  bool stopping_ = false;
  std::vector<std::thread> workers_;
};

}  // namespace assay
