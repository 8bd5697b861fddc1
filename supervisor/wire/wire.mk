# wire.mk - the interface text becomes a C string, so that GetInterfaceDescription returns the very
# file that peers read.

$(BUILD)/gen/varlink_text.h: supervisor/org.supd.Supervisor.varlink supervisor/wire/wire.mk
	@mkdir -p $(@D)
	sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/.*/"&\\n"/' $< >$@.new
	mv $@.new $@

$(BUILD)/supervisor/wire/service.o: $(BUILD)/gen/varlink_text.h
$(BUILD)/lint/supervisor/wire/service.analyzer $(BUILD)/lint/supervisor/wire/service.tidy: \
	$(BUILD)/gen/varlink_text.h
